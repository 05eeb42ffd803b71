"""What `manage.py class` chooses before Django reads its settings."""

from pathlib import Path

import pytest
from cryptography import x509

from cluster.api.auth import certificates
from rollout_site import class_environment


def test_a_host_that_was_named_is_the_address() -> None:
    assert class_environment.lan_address("192.168.7.7") == "192.168.7.7"


def test_without_one_the_address_is_one_of_this_machine() -> None:
    found = class_environment.lan_address(class_environment.EVERYWHERE)
    assert found and found != class_environment.EVERYWHERE


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("192.168.1.5", "192.168.1.5", id="IPv4"),
        pytest.param("fe80::1", "[fe80::1]", id="IPv6"),
        pytest.param("laptop.local", "laptop.local", id="a name"),
    ],
)
def test_an_address_as_it_stands_in_a_url(name: str, shown: str) -> None:
    assert class_environment.in_url(name) == shown


@pytest.mark.parametrize("name", ["", "http://laptop", "a,b", "laptop:8000"])
def test_what_is_no_address_ends_the_command_with_a_line_that_says_so(name: str) -> None:
    with pytest.raises(SystemExit, match="--address"):
        class_environment.in_url(name)


def test_the_certificate_is_for_the_classes_addresses_and_the_authority_stays(tmp_path: Path) -> None:
    authority, file, _ = certificates.ensure(tmp_path)
    before = authority.read_bytes()
    first = file.read_bytes()
    certificates.ensure(tmp_path, names=["localhost", "192.168.1.5", "laptop.local"])
    again = file.read_bytes()
    assert authority.read_bytes() == before
    assert again != first
    found = x509.load_pem_x509_certificate(again).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "laptop.local"} <= set(found.get_values_for_type(x509.DNSName))
    assert "192.168.1.5" in [str(each) for each in found.get_values_for_type(x509.IPAddress)]
    certificates.ensure(tmp_path, names=["192.168.1.5"])
    assert file.read_bytes() == again
