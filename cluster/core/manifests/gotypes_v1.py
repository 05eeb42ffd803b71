"""The Go structs of a pod template in Kubernetes 1.20 (staging/src/k8s.io/api/core/v1/types.go, apimachinery meta/v1).

The grammar of a table is in `gotypes`.
"""

V1 = """
PodTemplateSpec ObjectMeta=metadata:ObjectMeta Spec:PodSpec
ObjectMeta Name:string GenerateName:string Namespace:string SelfLink:string UID=uid:types.UID ResourceVersion:string
 Generation:int64 CreationTimestamp:Time DeletionTimestamp:*Time DeletionGracePeriodSeconds:*int64
 Labels:map[string]string Annotations:map[string]string OwnerReferences:[]OwnerReference Finalizers:[]string
 ClusterName:string ManagedFields:[]ManagedFieldsEntry
OwnerReference APIVersion=apiVersion:string Kind:string Name:string UID=uid:types.UID Controller:*bool
 BlockOwnerDeletion:*bool
ManagedFieldsEntry Manager:string Operation:v1.ManagedFieldsOperationType APIVersion=apiVersion:string Time:*Time
 FieldsType:string FieldsV1:*FieldsV1
PodSpec Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer
 RestartPolicy:v1.RestartPolicy TerminationGracePeriodSeconds:*int64 ActiveDeadlineSeconds:*int64
 DNSPolicy=dnsPolicy:v1.DNSPolicy NodeSelector:map[string]string ServiceAccountName:string
 DeprecatedServiceAccount=serviceAccount:string AutomountServiceAccountToken:*bool NodeName:string HostNetwork:bool
 HostPID:bool HostIPC:bool ShareProcessNamespace:*bool SecurityContext:*PodSecurityContext
 ImagePullSecrets:[]LocalObjectReference Hostname:string Subdomain:string Affinity:*Affinity SchedulerName:string
 Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:string Priority:*int32
 DNSConfig=dnsConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate RuntimeClassName:*string EnableServiceLinks:*bool
 PreemptionPolicy:*v1.PreemptionPolicy Overhead:ResourceList TopologySpreadConstraints:[]TopologySpreadConstraint
 SetHostnameAsFQDN:*bool
Volume Name:string VolumeSource:+VolumeSource
VolumeSource HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource
 GCEPersistentDisk=gcePersistentDisk:*GCEPersistentDiskVolumeSource
 AWSElasticBlockStore=awsElasticBlockStore:*AWSElasticBlockStoreVolumeSource GitRepo:*GitRepoVolumeSource
 Secret:*SecretVolumeSource NFS=nfs:*NFSVolumeSource ISCSI=iscsi:*ISCSIVolumeSource Glusterfs:*GlusterfsVolumeSource
 PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD=rbd:*RBDVolumeSource FlexVolume:*FlexVolumeSource
 Cinder:*CinderVolumeSource CephFS=cephfs:*CephFSVolumeSource Flocker:*FlockerVolumeSource
 DownwardAPI:*DownwardAPIVolumeSource FC=fc:*FCVolumeSource AzureFile:*AzureFileVolumeSource
 ConfigMap:*ConfigMapVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource Quobyte:*QuobyteVolumeSource
 AzureDisk:*AzureDiskVolumeSource PhotonPersistentDisk:*PhotonPersistentDiskVolumeSource
 Projected:*ProjectedVolumeSource PortworxVolume:*PortworxVolumeSource ScaleIO:*ScaleIOVolumeSource
 StorageOS=storageos:*StorageOSVolumeSource CSI=csi:*CSIVolumeSource Ephemeral:*EphemeralVolumeSource
HostPathVolumeSource Path:string Type:*v1.HostPathType
EmptyDirVolumeSource Medium:v1.StorageMedium SizeLimit:*Quantity
GCEPersistentDiskVolumeSource PDName=pdName:string FSType=fsType:string Partition:int32 ReadOnly:bool
AWSElasticBlockStoreVolumeSource VolumeID:string FSType=fsType:string Partition:int32 ReadOnly:bool
GitRepoVolumeSource Repository:string Revision:string Directory:string
SecretVolumeSource SecretName:string Items:[]KeyToPath DefaultMode:*int32 Optional:*bool
KeyToPath Key:string Path:string Mode:*int32
NFSVolumeSource Server:string Path:string ReadOnly:bool
ISCSIVolumeSource TargetPortal:string IQN=iqn:string Lun:int32 ISCSIInterface=iscsiInterface:string
 FSType=fsType:string ReadOnly:bool Portals:[]string DiscoveryCHAPAuth=chapAuthDiscovery:bool
 SessionCHAPAuth=chapAuthSession:bool SecretRef:*LocalObjectReference InitiatorName:*string
LocalObjectReference Name:string
GlusterfsVolumeSource EndpointsName=endpoints:string Path:string ReadOnly:bool
PersistentVolumeClaimVolumeSource ClaimName:string ReadOnly:bool
RBDVolumeSource CephMonitors=monitors:[]string RBDImage=image:string FSType=fsType:string RBDPool=pool:string
 RadosUser=user:string Keyring:string SecretRef:*LocalObjectReference ReadOnly:bool
FlexVolumeSource Driver:string FSType=fsType:string SecretRef:*LocalObjectReference ReadOnly:bool
 Options:map[string]string
CinderVolumeSource VolumeID:string FSType=fsType:string ReadOnly:bool SecretRef:*LocalObjectReference
CephFSVolumeSource Monitors:[]string Path:string User:string SecretFile:string SecretRef:*LocalObjectReference
 ReadOnly:bool
FlockerVolumeSource DatasetName:string DatasetUUID:string
DownwardAPIVolumeSource Items:[]DownwardAPIVolumeFile DefaultMode:*int32
DownwardAPIVolumeFile Path:string FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:*int32
ObjectFieldSelector APIVersion=apiVersion:string FieldPath:string
ResourceFieldSelector ContainerName:string Resource:string Divisor:Quantity
FCVolumeSource TargetWWNs:[]string Lun:*int32 FSType=fsType:string ReadOnly:bool WWIDs=wwids:[]string
AzureFileVolumeSource SecretName:string ShareName:string ReadOnly:bool
ConfigMapVolumeSource LocalObjectReference:+LocalObjectReference Items:[]KeyToPath DefaultMode:*int32 Optional:*bool
VsphereVirtualDiskVolumeSource VolumePath:string FSType=fsType:string StoragePolicyName:string StoragePolicyID:string
QuobyteVolumeSource Registry:string Volume:string ReadOnly:bool User:string Group:string Tenant:string
AzureDiskVolumeSource DiskName:string DataDiskURI=diskURI:string CachingMode:*v1.AzureDataDiskCachingMode
 FSType=fsType:*string ReadOnly:*bool Kind:*v1.AzureDataDiskKind
PhotonPersistentDiskVolumeSource PdID:string FSType=fsType:string
ProjectedVolumeSource Sources:[]VolumeProjection DefaultMode:*int32
VolumeProjection Secret:*SecretProjection DownwardAPI:*DownwardAPIProjection ConfigMap:*ConfigMapProjection
 ServiceAccountToken:*ServiceAccountTokenProjection
SecretProjection LocalObjectReference:+LocalObjectReference Items:[]KeyToPath Optional:*bool
DownwardAPIProjection Items:[]DownwardAPIVolumeFile
ConfigMapProjection LocalObjectReference:+LocalObjectReference Items:[]KeyToPath Optional:*bool
ServiceAccountTokenProjection Audience:string ExpirationSeconds:*int64 Path:string
PortworxVolumeSource VolumeID:string FSType=fsType:string ReadOnly:bool
ScaleIOVolumeSource Gateway:string System:string SecretRef:*LocalObjectReference SSLEnabled=sslEnabled:bool
 ProtectionDomain:string StoragePool:string StorageMode:string VolumeName:string FSType=fsType:string ReadOnly:bool
StorageOSVolumeSource VolumeName:string VolumeNamespace:string FSType=fsType:string ReadOnly:bool
 SecretRef:*LocalObjectReference
CSIVolumeSource Driver:string ReadOnly:*bool FSType=fsType:*string VolumeAttributes:map[string]string
 NodePublishSecretRef:*LocalObjectReference
EphemeralVolumeSource VolumeClaimTemplate:*PersistentVolumeClaimTemplate ReadOnly:bool
PersistentVolumeClaimTemplate ObjectMeta=metadata:ObjectMeta Spec:PersistentVolumeClaimSpec
PersistentVolumeClaimSpec AccessModes:[]v1.PersistentVolumeAccessMode Selector:*LabelSelector
 Resources:ResourceRequirements VolumeName:string StorageClassName:*string VolumeMode:*v1.PersistentVolumeMode
 DataSource:*TypedLocalObjectReference
LabelSelector MatchLabels:map[string]string MatchExpressions:[]LabelSelectorRequirement
LabelSelectorRequirement Key:string Operator:v1.LabelSelectorOperator Values:[]string
ResourceRequirements Limits:ResourceList Requests:ResourceList
TypedLocalObjectReference APIGroup=apiGroup:*string Kind:string Name:string
Container Name:string Image:string Command:[]string Args:[]string WorkingDir:string Ports:[]ContainerPort
 EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements VolumeMounts:[]VolumeMount
 VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle
 TerminationMessagePath:string TerminationMessagePolicy:v1.TerminationMessagePolicy ImagePullPolicy:v1.PullPolicy
 SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY=tty:bool
ContainerPort Name:string HostPort:int32 ContainerPort:int32 Protocol:v1.Protocol HostIP:string
EnvFromSource Prefix:string ConfigMapRef:*ConfigMapEnvSource SecretRef:*SecretEnvSource
ConfigMapEnvSource LocalObjectReference:+LocalObjectReference Optional:*bool
SecretEnvSource LocalObjectReference:+LocalObjectReference Optional:*bool
EnvVar Name:string Value:string ValueFrom:*EnvVarSource
EnvVarSource FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector
 ConfigMapKeyRef:*ConfigMapKeySelector SecretKeyRef:*SecretKeySelector
ConfigMapKeySelector LocalObjectReference:+LocalObjectReference Key:string Optional:*bool
SecretKeySelector LocalObjectReference:+LocalObjectReference Key:string Optional:*bool
VolumeMount Name:string ReadOnly:bool MountPath:string SubPath:string MountPropagation:*v1.MountPropagationMode
 SubPathExpr:string
VolumeDevice Name:string DevicePath:string
Probe Handler:+Handler InitialDelaySeconds:int32 TimeoutSeconds:int32 PeriodSeconds:int32 SuccessThreshold:int32
 FailureThreshold:int32
Handler Exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction
ExecAction Command:[]string
HTTPGetAction Path:string Port:IntOrString Host:string Scheme:v1.URIScheme HTTPHeaders=httpHeaders:[]HTTPHeader
HTTPHeader Name:string Value:string
TCPSocketAction Port:IntOrString Host:string
Lifecycle PostStart:*Handler PreStop:*Handler
SecurityContext Capabilities:*Capabilities Privileged:*bool SELinuxOptions=seLinuxOptions:*SELinuxOptions
 WindowsOptions:*WindowsSecurityContextOptions RunAsUser:*int64 RunAsGroup:*int64 RunAsNonRoot:*bool
 ReadOnlyRootFilesystem:*bool AllowPrivilegeEscalation:*bool ProcMount:*v1.ProcMountType
 SeccompProfile:*SeccompProfile
Capabilities Add:[]v1.Capability Drop:[]v1.Capability
SELinuxOptions User:string Role:string Type:string Level:string
WindowsSecurityContextOptions GMSACredentialSpecName=gmsaCredentialSpecName:*string
 GMSACredentialSpec=gmsaCredentialSpec:*string RunAsUserName:*string
SeccompProfile Type:v1.SeccompProfileType LocalhostProfile:*string
EphemeralContainer EphemeralContainerCommon:+EphemeralContainerCommon TargetContainerName:string
EphemeralContainerCommon Name:string Image:string Command:[]string Args:[]string WorkingDir:string
 Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar Resources:ResourceRequirements VolumeMounts:[]VolumeMount
 VolumeDevices:[]VolumeDevice LivenessProbe:*Probe ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle
 TerminationMessagePath:string TerminationMessagePolicy:v1.TerminationMessagePolicy ImagePullPolicy:v1.PullPolicy
 SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool TTY=tty:bool
PodSecurityContext SELinuxOptions=seLinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions
 RunAsUser:*int64 RunAsGroup:*int64 RunAsNonRoot:*bool SupplementalGroups:[]int64 FSGroup=fsGroup:*int64
 Sysctls:[]Sysctl FSGroupChangePolicy=fsGroupChangePolicy:*v1.PodFSGroupChangePolicy SeccompProfile:*SeccompProfile
Sysctl Name:string Value:string
Affinity NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAntiAffinity
NodeAffinity RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector
 PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm
NodeSelector NodeSelectorTerms:[]NodeSelectorTerm
NodeSelectorTerm MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement
NodeSelectorRequirement Key:string Operator:v1.NodeSelectorOperator Values:[]string
PreferredSchedulingTerm Weight:int32 Preference:NodeSelectorTerm
PodAffinity RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
 PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
PodAffinityTerm LabelSelector:*LabelSelector Namespaces:[]string TopologyKey:string
WeightedPodAffinityTerm Weight:int32 PodAffinityTerm:PodAffinityTerm
PodAntiAffinity RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
 PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm
Toleration Key:string Operator:v1.TolerationOperator Value:string Effect:v1.TaintEffect TolerationSeconds:*int64
HostAlias IP=ip:string Hostnames:[]string
PodDNSConfig Nameservers:[]string Searches:[]string Options:[]PodDNSConfigOption
PodDNSConfigOption Name:string Value:*string
PodReadinessGate ConditionType:v1.PodConditionType
TopologySpreadConstraint MaxSkew:int32 TopologyKey:string WhenUnsatisfiable:v1.UnsatisfiableConstraintAction
 LabelSelector:*LabelSelector
"""
