"""A chart's output as people have it, applied with the real kubectl."""

import re
from pathlib import Path

import pytest

from tests.outside.process import Demo
from tests.outside.test_kubectl import Kubectl, typing_at

CHART = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: shop}
data: {colour: blue}
---
apiVersion: v1
kind: Secret
metadata: {name: shop}
data: {password: b3Blbg==}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      serviceAccountName: shop
      containers:
      - name: shop
        image: nginx:1.9.1
        envFrom: [{configMapRef: {name: shop}}]
        resources: {requests: {cpu: 100m, memory: 64Mi}}
        readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}, minReplicas: 2, maxReplicas: 4}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: shop}
spec: {minAvailable: 1, selector: {matchLabels: {app: shop}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
  - host: shop.example.org
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: shop}
spec: {hard: {pods: "20"}}
"""
NAMES = (
    "serviceaccount/shop", "configmap/shop", "secret/shop", "service/shop", "deployment.apps/shop",
    "horizontalpodautoscaler.autoscaling/shop", "poddisruptionbudget.policy/shop", "ingress.networking.k8s.io/shop",
    "resourcequota/shop",
)  # fmt: skip


@pytest.fixture
def kubectl(quick: Demo, tmp_path: Path) -> Kubectl:
    return typing_at(quick, tmp_path / "home")


def test_a_chart_is_applied_changed_and_deleted(kubectl: Kubectl, tmp_path: Path) -> None:
    chart = tmp_path / "chart.yaml"
    chart.write_text(CHART)
    assert kubectl(f"apply -f {chart}").splitlines() == [f"{name} created" for name in NAMES]
    again = kubectl(f"apply -f {chart}").splitlines()
    # A budget's selector is replaced as a whole, so kubectl always sends a patch for one.
    assert again == [f"{name} {'configured' if 'budget' in name else 'unchanged'}" for name in NAMES]
    assert 'deployment "shop" successfully rolled out' in kubectl("rollout status deployment/shop")
    everything = kubectl("get all,cm,secret,ing,pdb,quota,sa")
    for name in NAMES:
        assert name in everything
    chart.write_text(CHART.replace("colour: blue", "colour: green"))
    assert "configmap/shop configured" in kubectl(f"apply -f {chart}")
    assert kubectl("get cm shop -o jsonpath={.data.colour}") == "green"
    assert re.search(r" 10\.(?:9[6-9]|10\d|11[01])\.", kubectl("get svc shop"))
    assert kubectl(f"diff -f {chart}") == ""
    kubectl(f"delete -f {chart}")
    assert "shop" not in kubectl("get cm,secret,svc,ing,pdb,quota,sa,hpa,deploy")
