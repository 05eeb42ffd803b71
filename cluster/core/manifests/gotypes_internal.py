"""The internal Go structs of a pod template in Kubernetes 1.4 and 1.5 (pkg/api/types.go).

The fields of ObjectMeta, PodSpec, PodSecurityContext, Container and ContainerPort are confirmed by the names in the book; the
others are reconstructed. The grammar of a table is in `gotypes`.
"""

INTERNAL = """
PodTemplateSpec ObjectMeta=metadata:ObjectMeta Spec:PodSpec
ObjectMeta Name:string GenerateName:string Namespace:string SelfLink:string UID=uid:types.UID ResourceVersion:string
 Generation:int64 CreationTimestamp:Time DeletionTimestamp:*Time DeletionGracePeriodSeconds:*int64
 Labels:map[string]string Annotations:map[string]string OwnerReferences:[]OwnerReference Finalizers:[]string
 ClusterName:string
OwnerReference APIVersion=apiVersion:string Kind:string Name:string UID=uid:types.UID Controller:*bool
PodSpec Volumes:[]Volume InitContainers:[]Container Containers:[]Container RestartPolicy:api.RestartPolicy
 TerminationGracePeriodSeconds:*int64 ActiveDeadlineSeconds:*int64 DNSPolicy=dnsPolicy:api.DNSPolicy
 NodeSelector:map[string]string ServiceAccountName:string NodeName:string SecurityContext:*PodSecurityContext
 ImagePullSecrets:[]LocalObjectReference Hostname:string Subdomain:string
PodSecurityContext HostNetwork:bool HostPID:bool HostIPC:bool SELinuxOptions=seLinuxOptions:*SELinuxOptions
 RunAsUser:*int64 RunAsNonRoot:*bool SupplementalGroups:[]int64 FSGroup=fsGroup:*int64
Volume Name:string VolumeSource:+VolumeSource
VolumeSource HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource
 GCEPersistentDisk=gcePersistentDisk:*GCEPersistentDiskVolumeSource
 AWSElasticBlockStore=awsElasticBlockStore:*AWSElasticBlockStoreVolumeSource GitRepo:*GitRepoVolumeSource
 Secret:*SecretVolumeSource NFS=nfs:*NFSVolumeSource ISCSI=iscsi:*ISCSIVolumeSource Glusterfs:*GlusterfsVolumeSource
 PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD=rbd:*RBDVolumeSource Quobyte:*QuobyteVolumeSource
 FlexVolume:*FlexVolumeSource Cinder:*CinderVolumeSource CephFS=cephfs:*CephFSVolumeSource Flocker:*FlockerVolumeSource
 DownwardAPI:*DownwardAPIVolumeSource FC=fc:*FCVolumeSource AzureFile:*AzureFileVolumeSource
 ConfigMap:*ConfigMapVolumeSource VsphereVolume:*VsphereVirtualDiskVolumeSource AzureDisk:*AzureDiskVolumeSource
HostPathVolumeSource Path:string
EmptyDirVolumeSource Medium:api.StorageMedium
GCEPersistentDiskVolumeSource PDName=pdName:string FSType=fsType:string Partition:int32 ReadOnly:bool
AWSElasticBlockStoreVolumeSource VolumeID:string FSType=fsType:string Partition:int32 ReadOnly:bool
GitRepoVolumeSource Repository:string Revision:string Directory:string
SecretVolumeSource SecretName:string Items:[]KeyToPath DefaultMode:*int32
KeyToPath Key:string Path:string Mode:*int32
NFSVolumeSource Server:string Path:string ReadOnly:bool
ISCSIVolumeSource TargetPortal:string IQN=iqn:string Lun:int32 ISCSIInterface=iscsiInterface:string
 FSType=fsType:string ReadOnly:bool
GlusterfsVolumeSource EndpointsName=endpoints:string Path:string ReadOnly:bool
PersistentVolumeClaimVolumeSource ClaimName:string ReadOnly:bool
RBDVolumeSource CephMonitors=monitors:[]string RBDImage=image:string FSType=fsType:string RBDPool=pool:string
 RadosUser=user:string Keyring:string SecretRef:*LocalObjectReference ReadOnly:bool
QuobyteVolumeSource Registry:string Volume:string ReadOnly:bool User:string Group:string
FlexVolumeSource Driver:string FSType=fsType:string SecretRef:*LocalObjectReference ReadOnly:bool
 Options:map[string]string
CinderVolumeSource VolumeID:string FSType=fsType:string ReadOnly:bool
CephFSVolumeSource Monitors:[]string Path:string User:string SecretFile:string SecretRef:*LocalObjectReference
 ReadOnly:bool
FlockerVolumeSource DatasetName:string
DownwardAPIVolumeSource Items:[]DownwardAPIVolumeFile DefaultMode:*int32
DownwardAPIVolumeFile Path:string FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:*int32
FCVolumeSource TargetWWNs:[]string Lun:*int32 FSType=fsType:string ReadOnly:bool
AzureFileVolumeSource SecretName:string ShareName:string ReadOnly:bool
ConfigMapVolumeSource LocalObjectReference:+LocalObjectReference Items:[]KeyToPath DefaultMode:*int32
VsphereVirtualDiskVolumeSource VolumePath:string FSType=fsType:string
AzureDiskVolumeSource DiskName:string DataDiskURI=diskURI:string CachingMode:*api.AzureDataDiskCachingMode
 FSType=fsType:*string ReadOnly:*bool
Container Name:string Image:string Command:[]string Args:[]string WorkingDir:string Ports:[]ContainerPort Env:[]EnvVar
 Resources:ResourceRequirements VolumeMounts:[]VolumeMount LivenessProbe:*Probe ReadinessProbe:*Probe Lifecycle:*Lifecycle
 TerminationMessagePath:string ImagePullPolicy:api.PullPolicy SecurityContext:*SecurityContext Stdin:bool StdinOnce:bool
 TTY=tty:bool
ContainerPort Name:string HostPort:int32 ContainerPort:int32 Protocol:api.Protocol HostIP:string
EnvVar Name:string Value:string ValueFrom:*EnvVarSource
EnvVarSource FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*ConfigMapKeySelector
 SecretKeyRef:*SecretKeySelector
ObjectFieldSelector APIVersion=apiVersion:string FieldPath:string
ResourceFieldSelector ContainerName:string Resource:string Divisor:Quantity
ConfigMapKeySelector LocalObjectReference:+LocalObjectReference Key:string
SecretKeySelector LocalObjectReference:+LocalObjectReference Key:string
ResourceRequirements Limits:ResourceList Requests:ResourceList
VolumeMount Name:string ReadOnly:bool MountPath:string SubPath:string
Probe Handler:+Handler InitialDelaySeconds:int32 TimeoutSeconds:int32 PeriodSeconds:int32 SuccessThreshold:int32
 FailureThreshold:int32
Handler Exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction
ExecAction Command:[]string
HTTPGetAction Path:string Port:IntOrString Host:string Scheme:api.URIScheme HTTPHeaders=httpHeaders:[]HTTPHeader
HTTPHeader Name:string Value:string
TCPSocketAction Port:IntOrString
Lifecycle PostStart:*Handler PreStop:*Handler
SecurityContext Capabilities:*Capabilities Privileged:*bool SELinuxOptions=seLinuxOptions:*SELinuxOptions RunAsUser:*int64
 RunAsNonRoot:*bool ReadOnlyRootFilesystem:*bool
SELinuxOptions User:string Role:string Type:string Level:string
Capabilities Add:[]api.Capability Drop:[]api.Capability
LocalObjectReference Name:string
"""
