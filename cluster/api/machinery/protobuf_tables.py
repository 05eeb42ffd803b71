"""The protobuf messages that Kubernetes clients send, field by field: number:name:type.

Source: the generated.proto files of k8s.io/api (core, apps, autoscaling, policy, authorization, authentication) and
k8s.io/apimachinery (meta/v1, runtime). `*` marks a field that is a pointer in Go, whose zero is a value; `[]` a
repeated one; `map` one with string keys. What is not listed is skipped by the decoder.
"""

from collections.abc import Mapping
from typing import NamedTuple

TABLE = """
Unknown 1:typeMeta:TypeMeta 2:raw:bytes 3:contentEncoding:string 4:contentType:string
TypeMeta 1:apiVersion:string 2:kind:string
Time 1:seconds:int 2:nanos:int
Quantity 1:string:string
IntOrString 1:type:int 2:intVal:int 3:strVal:string
ObjectMeta 1:name:string 2:generateName:string 3:namespace:string 5:uid:string 6:resourceVersion:string
 7:generation:int 8:creationTimestamp:Time 9:deletionTimestamp:Time 10:deletionGracePeriodSeconds:*int
 11:labels:map:string 12:annotations:map:string 13:ownerReferences:[]OwnerReference 14:finalizers:[]string
OwnerReference 1:kind:string 3:name:string 4:uid:string 5:apiVersion:string 6:controller:*bool 7:blockOwnerDeletion:*bool
LabelSelector 1:matchLabels:map:string 2:matchExpressions:[]LabelSelectorRequirement
LabelSelectorRequirement 1:key:string 2:operator:string 3:values:[]string
DeleteOptions 1:gracePeriodSeconds:*int 2:preconditions:Preconditions 3:orphanDependents:*bool
 4:propagationPolicy:*string 5:dryRun:[]string
Preconditions 1:uid:*string 2:resourceVersion:*string
Namespace 1:metadata:ObjectMeta 2:spec:NamespaceSpec
NamespaceSpec 1:finalizers:[]string
Deployment 1:metadata:ObjectMeta 2:spec:DeploymentSpec
DeploymentSpec 1:replicas:*int 2:selector:*LabelSelector 3:template:PodTemplateSpec 4:strategy:DeploymentStrategy
 5:minReadySeconds:int 6:revisionHistoryLimit:*int 7:paused:bool 8:rollbackTo:*RollbackConfig
 9:progressDeadlineSeconds:*int
DeploymentStrategy 1:type:string 2:rollingUpdate:*RollingUpdateDeployment
RollingUpdateDeployment 1:maxUnavailable:*IntOrString 2:maxSurge:*IntOrString
RollbackConfig 1:revision:int
DeploymentRollback 1:name:string 2:updatedAnnotations:map:string 3:rollbackTo:RollbackConfig
ReplicaSet 1:metadata:ObjectMeta 2:spec:ReplicaSetSpec
ReplicaSetSpec 1:replicas:*int 2:selector:*LabelSelector 3:template:PodTemplateSpec 4:minReadySeconds:int
Scale 1:metadata:ObjectMeta 2:spec:ScaleSpec
ScaleSpec 1:replicas:*int
Eviction 1:metadata:ObjectMeta 2:deleteOptions:*DeleteOptions
Pod 1:metadata:ObjectMeta 2:spec:PodSpec
PodTemplateSpec 1:metadata:ObjectMeta 2:spec:PodSpec
PodSpec 1:volumes:[]Volume 2:containers:[]Container 3:restartPolicy:string 4:terminationGracePeriodSeconds:*int
 5:activeDeadlineSeconds:*int 6:dnsPolicy:string 7:nodeSelector:map:string 8:serviceAccountName:string
 9:serviceAccount:string 10:nodeName:string 11:hostNetwork:bool 12:hostPID:bool 13:hostIPC:bool
 15:imagePullSecrets:[]LocalObjectReference 16:hostname:string 17:subdomain:string 19:schedulerName:string
 20:initContainers:[]Container 21:automountServiceAccountToken:*bool 22:tolerations:[]Toleration
 24:priorityClassName:string 25:priority:*int 27:shareProcessNamespace:*bool 29:runtimeClassName:*string
 30:enableServiceLinks:*bool 31:preemptionPolicy:*string
Volume 1:name:string 2:volumeSource:VolumeSource
VolumeSource 2:emptyDir:*EmptyDirVolumeSource 19:configMap:*ConfigMapVolumeSource 6:secret:*SecretVolumeSource
EmptyDirVolumeSource 1:medium:string 2:sizeLimit:*Quantity
ConfigMapVolumeSource 1:localObjectReference:LocalObjectReference 3:defaultMode:*int 4:optional:*bool
SecretVolumeSource 1:secretName:string 3:defaultMode:*int 4:optional:*bool
LocalObjectReference 1:name:string
Toleration 1:key:string 2:operator:string 3:value:string 4:effect:string 5:tolerationSeconds:*int
Container 1:name:string 2:image:string 3:command:[]string 4:args:[]string 5:workingDir:string 6:ports:[]ContainerPort
 7:env:[]EnvVar 8:resources:ResourceRequirements 9:volumeMounts:[]VolumeMount 10:livenessProbe:*Probe
 11:readinessProbe:*Probe 13:terminationMessagePath:string 14:imagePullPolicy:string 16:stdin:bool 17:stdinOnce:bool
 18:tty:bool 20:terminationMessagePolicy:string 22:startupProbe:*Probe 24:restartPolicy:*string
ContainerPort 1:name:string 2:hostPort:int 3:containerPort:int 4:protocol:string 5:hostIP:string
EnvVar 1:name:string 2:value:string
ResourceRequirements 1:limits:map:Quantity 2:requests:map:Quantity
VolumeMount 1:name:string 2:readOnly:bool 3:mountPath:string 4:subPath:string 5:mountPropagation:*string
 6:subPathExpr:string
Probe 1:handler:ProbeHandler 2:initialDelaySeconds:int 3:timeoutSeconds:int 4:periodSeconds:int 5:successThreshold:int
 6:failureThreshold:int 7:terminationGracePeriodSeconds:*int
ProbeHandler 1:exec:*ExecAction 2:httpGet:*HTTPGetAction 3:tcpSocket:*TCPSocketAction
ExecAction 1:command:[]string
HTTPGetAction 1:path:string 2:port:*IntOrString 3:host:string 4:scheme:string 5:httpHeaders:[]HTTPHeader
HTTPHeader 1:name:string 2:value:string
TCPSocketAction 1:port:*IntOrString 2:host:string
SelfSubjectAccessReview 1:metadata:ObjectMeta 2:spec:SelfSubjectAccessReviewSpec
SelfSubjectAccessReviewSpec 1:resourceAttributes:*ResourceAttributes 2:nonResourceAttributes:*NonResourceAttributes
ResourceAttributes 1:namespace:string 2:verb:string 3:group:string 4:version:string 5:resource:string
 6:subresource:string 7:name:string
NonResourceAttributes 1:path:string 2:verb:string
SelfSubjectRulesReview 1:metadata:ObjectMeta 2:spec:SelfSubjectRulesReviewSpec
SelfSubjectRulesReviewSpec 1:namespace:string
SelfSubjectReview 1:metadata:ObjectMeta
"""

# Fields that Go embeds: their content stands in the message itself.
INLINE = {"volumeSource", "handler", "localObjectReference"}

KINDS = {
    "DeleteOptions",
    "Deployment",
    "DeploymentRollback",
    "Eviction",
    "Namespace",
    "Pod",
    "ReplicaSet",
    "Scale",
    "SelfSubjectAccessReview",
    "SelfSubjectReview",
    "SelfSubjectRulesReview",
}


class Field(NamedTuple):
    name: str
    type: str
    pointer: bool
    repeated: bool
    mapped: bool


def parse(table: str) -> Mapping[str, Mapping[int, Field]]:
    """Message name -> number -> field."""
    messages: dict[str, dict[int, Field]] = {}
    for line in table.replace("\n ", " ").strip().splitlines():
        message, *fields = line.split()
        messages[message] = {int(number): field for number, field in map(_field, fields)}
    return messages


def _field(text: str) -> tuple[int, Field]:
    number, name, kind = text.split(":", 2)
    pointer, repeated, mapped = kind.startswith("*"), kind.startswith("[]"), kind.startswith("map:")
    plain = kind.removeprefix("map:").removeprefix("[]").removeprefix("*")
    return int(number), Field(name=name, type=plain, pointer=pointer, repeated=repeated, mapped=mapped)


MESSAGES = parse(TABLE)
