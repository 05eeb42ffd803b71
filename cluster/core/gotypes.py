"""The Go structs of a pod template, field by field in their order, as a printer of values needs them.

Kubernetes 1.20 (staging/src/k8s.io/api/core/v1/types.go) for `v1`, the internal types of 1.4 (pkg/api/types.go) for `api`.
"""

from collections.abc import Mapping

# Go names whose JSON key is not the name with a small first letter.
JSON_KEYS = {
    "ObjectMeta": "metadata",
    "DeprecatedServiceAccount": "serviceAccount",
    "DNSPolicy": "dnsPolicy",
    "DNSConfig": "dnsConfig",
    "HTTPGet": "httpGet",
    "HTTPHeaders": "httpHeaders",
    "TCPSocket": "tcpSocket",
    "TTY": "tty",
    "UID": "uid",
    "SELinuxOptions": "seLinuxOptions",
    "FSGroup": "fsGroup",
    "FSGroupChangePolicy": "fsGroupChangePolicy",
    "IP": "ip",
}

V1 = """
PodTemplateSpec ObjectMeta:ObjectMeta Spec:PodSpec
ObjectMeta Name:string GenerateName:string Namespace:string SelfLink:string UID:types.UID ResourceVersion:string
 Generation:int64 CreationTimestamp:=(v1.Time){Time:(time.Time){wall:(uint64)0_ext:(int64)0_loc:(*time.Location)<nil>}}
 DeletionTimestamp:*Time DeletionGracePeriodSeconds:*int64 Labels:map[string]string Annotations:map[string]string
 OwnerReferences:[]OwnerReference Finalizers:[]string ClusterName:string ManagedFields:[]ManagedFieldsEntry
PodSpec Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer
 RestartPolicy:v1.RestartPolicy TerminationGracePeriodSeconds:*int64 ActiveDeadlineSeconds:*int64 DNSPolicy:v1.DNSPolicy
 NodeSelector:map[string]string ServiceAccountName:string DeprecatedServiceAccount:string
 AutomountServiceAccountToken:*bool NodeName:string HostNetwork:bool HostPID:bool HostIPC:bool ShareProcessNamespace:*bool
 SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference Hostname:string Subdomain:string
 Affinity:*Affinity SchedulerName:string Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:string
 Priority:*int32 DNSConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate RuntimeClassName:*string EnableServiceLinks:*bool
 PreemptionPolicy:*v1.PreemptionPolicy Overhead:ResourceList TopologySpreadConstraints:[]TopologySpreadConstraint
 SetHostnameAsFQDN:*bool
PodSecurityContext SELinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*int64
 RunAsGroup:*int64 RunAsNonRoot:*bool SupplementalGroups:[]int64 FSGroup:*int64 Sysctls:[]Sysctl
 FSGroupChangePolicy:*v1.PodFSGroupChangePolicy SeccompProfile:*SeccompProfile
Container Name:string Image:string Command:[]string Args:[]string WorkingDir:string Ports:[]ContainerPort
 EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements VolumeMounts:[]VolumeMount
 VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle
 TerminationMessagePath:string TerminationMessagePolicy:v1.TerminationMessagePolicy ImagePullPolicy:v1.PullPolicy
 SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY:bool
ContainerPort Name:string HostPort:int32 ContainerPort:int32 Protocol:v1.Protocol HostIP:string
EnvVar Name:string Value:string ValueFrom:*EnvVarSource
EnvVarSource FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*ConfigMapKeySelector
 SecretKeyRef:*SecretKeySelector
ObjectFieldSelector APIVersion:string FieldPath:string
ResourceRequirements Limits:ResourceList Requests:ResourceList
VolumeMount Name:string ReadOnly:bool MountPath:string SubPath:string MountPropagation:*v1.MountPropagationMode
 SubPathExpr:string
VolumeDevice Name:string DevicePath:string
Probe Handler:Handler InitialDelaySeconds:int32 TimeoutSeconds:int32 PeriodSeconds:int32 SuccessThreshold:int32
 FailureThreshold:int32
Handler Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction
ExecAction Command:[]string
HTTPGetAction Path:string Port:IntOrString Host:string Scheme:v1.URIScheme HTTPHeaders:[]HTTPHeader
HTTPHeader Name:string Value:string
TCPSocketAction Port:IntOrString Host:string
Lifecycle PostStart:*Handler PreStop:*Handler
SecurityContext Capabilities:*Capabilities Privileged:*bool SELinuxOptions:*SELinuxOptions
 WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*int64 RunAsGroup:*int64 RunAsNonRoot:*bool
 ReadOnlyRootFilesystem:*bool AllowPrivilegeEscalation:*bool ProcMount:*v1.ProcMountType SeccompProfile:*SeccompProfile
SELinuxOptions User:string Role:string Type:string Level:string
SeccompProfile Type:v1.SeccompProfileType LocalhostProfile:*string
Capabilities Add:[]v1.Capability Drop:[]v1.Capability
LocalObjectReference Name:string
HostAlias IP:string Hostnames:[]string
Toleration Key:string Operator:v1.TolerationOperator Value:string Effect:v1.TaintEffect TolerationSeconds:*int64
Sysctl Name:string Value:string
"""

API = """
PodTemplateSpec ObjectMeta:ObjectMeta Spec:PodSpec
ObjectMeta Name:string GenerateName:string Namespace:string SelfLink:string UID:types.UID ResourceVersion:string
 Generation:int64
 CreationTimestamp:=(unversioned.Time){Time:(time.Time){sec:(int64)0_nsec:(int32)0_loc:(*time.Location)<nil>}}
 DeletionTimestamp:*unversioned.Time DeletionGracePeriodSeconds:*int64 Labels:map[string]string
 Annotations:map[string]string OwnerReferences:[]OwnerReference Finalizers:[]string ClusterName:string
PodSpec Volumes:[]Volume InitContainers:[]Container Containers:[]Container RestartPolicy:api.RestartPolicy
 TerminationGracePeriodSeconds:*int64 ActiveDeadlineSeconds:*int64 DNSPolicy:api.DNSPolicy NodeSelector:map[string]string
 ServiceAccountName:string NodeName:string SecurityContext:*PodSecurityContext ImagePullSecrets:[]LocalObjectReference
 Hostname:string Subdomain:string
PodSecurityContext HostNetwork:bool HostPID:bool HostIPC:bool SELinuxOptions:*SELinuxOptions RunAsUser:*int64
 RunAsNonRoot:*bool SupplementalGroups:[]int64 FSGroup:*int64
Container Name:string Image:string Command:[]string Args:[]string WorkingDir:string Ports:[]ContainerPort Env:[]EnvVar
 Resources:ResourceRequirements VolumeMounts:[]VolumeMount LivenessProbe:*Probe ReadinessProbe:*Probe Lifecycle:*Lifecycle
 TerminationMessagePath:string ImagePullPolicy:api.PullPolicy SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool
 TTY:bool
ContainerPort Name:string HostPort:int32 ContainerPort:int32 Protocol:api.Protocol HostIP:string
EnvVar Name:string Value:string ValueFrom:*EnvVarSource
ResourceRequirements Limits:ResourceList Requests:ResourceList
VolumeMount Name:string ReadOnly:bool MountPath:string SubPath:string
Probe Handler:Handler InitialDelaySeconds:int32 TimeoutSeconds:int32 PeriodSeconds:int32 SuccessThreshold:int32
 FailureThreshold:int32
Handler Exec:*ExecAction HTTPGet:*HTTPGetAction TCPSocket:*TCPSocketAction
ExecAction Command:[]string
HTTPGetAction Path:string Port:IntOrString Host:string Scheme:api.URIScheme HTTPHeaders:[]HTTPHeader
HTTPHeader Name:string Value:string
TCPSocketAction Port:IntOrString
LocalObjectReference Name:string
"""

Fields = list[tuple[str, str, str]]


def json_key(name: str) -> str:
    return JSON_KEYS.get(name, name[:1].lower() + name[1:])


def parse(table: str) -> Mapping[str, Fields]:
    """Struct name -> [(Go field, JSON key, Go type)]."""
    structs: dict[str, Fields] = {}
    for line in table.replace("\n ", " ").strip().splitlines():
        name, *fields = line.split()
        pairs = [field.split(":", 1) for field in fields]
        structs[name] = [(field, json_key(field), kind) for field, kind in pairs]
    return structs


STRUCTS = {"v1": parse(V1), "api": parse(API)}
