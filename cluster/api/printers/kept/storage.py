"""Columns of configuration, volumes and storage kinds."""

from typing import Any

from cluster.api.printers.columns import AGE, NAME, NONE, UNSET, Column, at, column, count, path

Json = dict[str, Any]
CORE, STORAGE, RESOURCE = "io.k8s.api.core.v1", "io.k8s.api.storage.v1", "io.k8s.api.resource.v1"
MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
CLASS_OF_OLD = "volume.beta.kubernetes.io/storage-class"
DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
VOLUME, CLAIM, DRIVER = f"{CORE}.PersistentVolume", f"{CORE}.PersistentVolumeClaim", f"{STORAGE}.CSIDriverSpec"


def access(modes: Any) -> str:
    """RWO,ROX,RWX,RWOP: short names, always in this order."""
    return ",".join(short for mode, short in MODES.items() if mode in (modes or ()))


def phase(manifest: Json) -> str:
    return (
        "Terminating" if at(manifest, "metadata", "deletionTimestamp") else at(manifest, "status", "phase", default="")
    )


def storage_class(manifest: Json) -> str:
    found: str = at(manifest, "metadata", "annotations", CLASS_OF_OLD) or at(
        manifest, "spec", "storageClassName", default=""
    )
    return found


def claim(volume: Json) -> str:
    found = at(volume, "spec", "claimRef")
    return "" if found is None else f"{found.get('namespace', '')}/{found.get('name', '')}"


def of_volume(claim: Json, value: str) -> str:
    """The value once the claim has a volume; "" before."""
    return value if at(claim, "spec", "volumeName") else ""


def class_name(storage_class: Json) -> str:
    annotations = at(storage_class, "metadata", "annotations", default={})
    default = any(annotations.get(each) == "true" for each in DEFAULT_CLASS)
    return f"{storage_class['metadata']['name']}{' (default)' if default else ''}"


def tokens(driver: Json) -> str:
    found = at(driver, "spec", "tokenRequests")
    return UNSET if found is None else ",".join(each.get("audience", "") for each in found)


def claim_state(claim: Json) -> str:
    words = ["deleted"] if at(claim, "metadata", "deletionTimestamp") else []
    if at(claim, "status", "allocation") is None:
        return ",".join(words) or "pending"
    return ",".join([*words, "allocated", *(["reserved"] if at(claim, "status", "reservedFor") else [])])


def data(manifest: Json) -> int:
    return len(manifest.get("data") or ()) + len(manifest.get("binaryData") or ())


COLUMNS: dict[str, tuple[Column, ...]] = {
    "configmaps": (NAME, column("Data", (f"{CORE}.ConfigMap", "data"), data), AGE),
    "secrets": (
        NAME,
        column("Type", (f"{CORE}.Secret", "type"), path("type")),
        column("Data", (f"{CORE}.Secret", "data"), count("data")),
        AGE,
    ),
    "serviceaccounts": (NAME, column("Secrets", (f"{CORE}.ServiceAccount", "secrets"), count("secrets")), AGE),
    "persistentvolumes": (
        NAME,
        column("Capacity", (f"{VOLUME}Spec", "capacity"), path("spec", "capacity", "storage", default="0")),
        column("Access Modes", (f"{VOLUME}Spec", "accessModes"), lambda it: access(at(it, "spec", "accessModes"))),
        column(
            "Reclaim Policy",
            (f"{VOLUME}Spec", "persistentVolumeReclaimPolicy"),
            path("spec", "persistentVolumeReclaimPolicy"),
        ),
        column("Status", (f"{VOLUME}Status", "phase"), phase),
        column("Claim", (f"{VOLUME}Spec", "claimRef"), claim),
        column("StorageClass", "StorageClass of the pv", storage_class),
        column(
            "VolumeAttributesClass",
            "VolumeAttributesClass of the pv",
            path("spec", "volumeAttributesClassName", default=UNSET),
        ),
        column("Reason", (f"{VOLUME}Status", "reason"), path("status", "reason")),
        AGE,
        column("VolumeMode", (f"{VOLUME}Spec", "volumeMode"), path("spec", "volumeMode", default=UNSET), wide=True),
    ),
    "persistentvolumeclaims": (
        NAME,
        column("Status", (f"{CLAIM}Status", "phase"), phase),
        column("Volume", (f"{CLAIM}Spec", "volumeName"), path("spec", "volumeName")),
        column(
            "Capacity",
            (f"{CLAIM}Status", "capacity"),
            lambda it: of_volume(it, at(it, "status", "capacity", "storage", default="0")),
        ),
        column(
            "Access Modes",
            (f"{CLAIM}Status", "accessModes"),
            lambda it: of_volume(it, access(at(it, "status", "accessModes"))),
        ),
        column("StorageClass", "StorageClass of the pvc", storage_class),
        column(
            "VolumeAttributesClass",
            "VolumeAttributesClass of the pvc",
            path("spec", "volumeAttributesClassName", default=UNSET),
        ),
        AGE,
        column("VolumeMode", (f"{CLAIM}Spec", "volumeMode"), path("spec", "volumeMode", default=UNSET), wide=True),
    ),
    "storageclasses.storage.k8s.io": (
        column("Name", NAME.about, class_name),
        column("Provisioner", (f"{STORAGE}.StorageClass", "provisioner"), path("provisioner")),
        column("ReclaimPolicy", (f"{STORAGE}.StorageClass", "reclaimPolicy"), path("reclaimPolicy", default="Delete")),
        column(
            "VolumeBindingMode",
            (f"{STORAGE}.StorageClass", "volumeBindingMode"),
            path("volumeBindingMode", default="Immediate"),
        ),
        column(
            "AllowVolumeExpansion",
            (f"{STORAGE}.StorageClass", "allowVolumeExpansion"),
            path("allowVolumeExpansion", default=False),
        ),
        AGE,
    ),
    "volumeattributesclasses.storage.k8s.io": (
        NAME,
        column("DriverName", (f"{STORAGE}.VolumeAttributesClass", "driverName"), path("driverName")),
        AGE,
    ),
    "volumeattachments.storage.k8s.io": (
        NAME,
        column("Attacher", (f"{STORAGE}.VolumeAttachmentSpec", "attacher"), path("spec", "attacher")),
        column(
            "PV",
            (f"{STORAGE}.VolumeAttachmentSource", "persistentVolumeName"),
            path("spec", "source", "persistentVolumeName"),
        ),
        column("Node", (f"{STORAGE}.VolumeAttachmentSpec", "nodeName"), path("spec", "nodeName")),
        column(
            "Attached",
            (f"{STORAGE}.VolumeAttachmentStatus", "attached"),
            path("status", "attached", default=False),
            type="boolean",
        ),
        AGE,
    ),
    "csinodes.storage.k8s.io": (
        NAME,
        column(
            "Drivers",
            "Drivers indicates the number of CSI drivers registered on the node",
            count("spec", "drivers"),
            type="integer",
        ),
        AGE,
    ),
    "csidrivers.storage.k8s.io": (
        NAME,
        column(
            "AttachRequired", (DRIVER, "attachRequired"), path("spec", "attachRequired", default=True), type="boolean"
        ),
        column(
            "PodInfoOnMount", (DRIVER, "podInfoOnMount"), path("spec", "podInfoOnMount", default=False), type="boolean"
        ),
        column(
            "StorageCapacity",
            (DRIVER, "storageCapacity"),
            path("spec", "storageCapacity", default=False),
            type="boolean",
        ),
        column("TokenRequests", (DRIVER, "tokenRequests"), tokens),
        column(
            "RequiresRepublish",
            (DRIVER, "requiresRepublish"),
            path("spec", "requiresRepublish", default=False),
            type="boolean",
        ),
        column(
            "Modes",
            (DRIVER, "volumeLifecycleModes"),
            lambda it: ",".join(at(it, "spec", "volumeLifecycleModes", default=())) or NONE,
        ),
        AGE,
    ),
    "csistoragecapacities.storage.k8s.io": (
        NAME,
        column("StorageClassName", (f"{STORAGE}.CSIStorageCapacity", "storageClassName"), path("storageClassName")),
        column("Capacity", (f"{STORAGE}.CSIStorageCapacity", "capacity"), path("capacity", default=UNSET)),
    ),
    "deviceclasses.resource.k8s.io": (NAME, AGE),
    "resourceclaimtemplates.resource.k8s.io": (NAME, AGE),
    "resourceclaims.resource.k8s.io": (
        NAME,
        column("State", "A summary of the current state (allocated, pending, reserved, etc.).", claim_state),
        AGE,
    ),
    "resourceslices.resource.k8s.io": (
        NAME,
        column("Node", (f"{RESOURCE}.ResourceSliceSpec", "nodeName"), path("spec", "nodeName")),
        column("Driver", (f"{RESOURCE}.ResourceSliceSpec", "driver"), path("spec", "driver")),
        column("Pool", (f"{RESOURCE}.ResourcePool", "name"), path("spec", "pool", "name")),
        AGE,
    ),
}
