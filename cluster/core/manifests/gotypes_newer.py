"""Changes of the API since Kubernetes 1.20, and the objects with a pod template (api/apps/v1 and api/autoscaling/v1).

The grammar of a table is in `gotypes`.
"""

NEWER = """
ObjectMeta ClusterName:gone
EphemeralVolumeSource ReadOnly:gone
PodSpec OS=os:*PodOS HostUsers:*bool SchedulingGates:[]PodSchedulingGate ResourceClaims:[]PodResourceClaim
 Resources:*ResourceRequirements HostnameOverride:*string
PodOS Name:v1.OSName
PodSchedulingGate Name:string
PodResourceClaim Name:string ResourceClaimName:*string ResourceClaimTemplateName:*string
PodSecurityContext SupplementalGroupsPolicy:*v1.SupplementalGroupsPolicy AppArmorProfile:*AppArmorProfile
 SELinuxChangePolicy=seLinuxChangePolicy:*v1.PodSELinuxChangePolicy
SecurityContext AppArmorProfile:*AppArmorProfile
AppArmorProfile Type:v1.AppArmorProfileType LocalhostProfile:*string
WindowsSecurityContextOptions HostProcess:*bool
Container ResizePolicy:[]ContainerResizePolicy RestartPolicy:*v1.ContainerRestartPolicy
 RestartPolicyRules:[]ContainerRestartRule
EphemeralContainerCommon ResizePolicy:[]ContainerResizePolicy RestartPolicy:*v1.ContainerRestartPolicy
 RestartPolicyRules:[]ContainerRestartRule
ContainerResizePolicy ResourceName:v1.ResourceName RestartPolicy:v1.ResourceResizeRestartPolicy
ContainerRestartRule Action:v1.ContainerRestartRuleAction ExitCodes:*ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes Operator:v1.ContainerRestartRuleOnExitCodesOperator Values:[]int32
ResourceRequirements Claims:[]ResourceClaim
ResourceClaim Name:string Request:string
VolumeMount RecursiveReadOnly:*v1.RecursiveReadOnlyMode
EnvVarSource FileKeyRef:*FileKeySelector
FileKeySelector VolumeName:string Path:string Key:string Optional:*bool
Probe TerminationGracePeriodSeconds:*int64 GRPC=grpc:*GRPCAction
GRPCAction Port:int32 Service:*string
Lifecycle PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:*v1.Signal
LifecycleHandler Exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction Sleep:*SleepAction
SleepAction Seconds:int64
PodAffinityTerm NamespaceSelector:*LabelSelector MatchLabelKeys:[]string MismatchLabelKeys:[]string
TopologySpreadConstraint MinDomains:*int32 NodeAffinityPolicy:*v1.NodeInclusionPolicy
 NodeTaintsPolicy:*v1.NodeInclusionPolicy MatchLabelKeys:[]string
VolumeSource Image:*ImageVolumeSource
ImageVolumeSource Reference:string PullPolicy:v1.PullPolicy
VolumeProjection ClusterTrustBundle:*ClusterTrustBundleProjection PodCertificate:*PodCertificateProjection
ClusterTrustBundleProjection Name:*string SignerName:*string LabelSelector:*LabelSelector Optional:*bool Path:string
PodCertificateProjection SignerName:string KeyType:string MaxExpirationSeconds:*int32 CredentialBundlePath:string
 KeyPath:string CertificateChainPath:string UserAnnotations:map[string]string
PersistentVolumeClaimSpec DataSourceRef:*TypedObjectReference VolumeAttributesClassName:*string
TypedObjectReference APIGroup=apiGroup:*string Kind:string Name:string Namespace:*string
ManagedFieldsEntry Subresource:string
"""

OBJECTS = """
Deployment Kind:string APIVersion=apiVersion:string ObjectMeta=metadata:ObjectMeta Spec:DeploymentSpec Status:Any
DeploymentSpec Replicas:*int32 Selector:*LabelSelector Template:PodTemplateSpec Strategy:DeploymentStrategy
 MinReadySeconds:int32 RevisionHistoryLimit:*int32 Paused:bool ProgressDeadlineSeconds:*int32 RollbackTo:*RollbackConfig
DeploymentStrategy Type:v1.DeploymentStrategyType RollingUpdate:*RollingUpdateDeployment
RollingUpdateDeployment MaxUnavailable:*IntOrString MaxSurge:*IntOrString
RollbackConfig Revision:int64
ReplicaSet Kind:string APIVersion=apiVersion:string ObjectMeta=metadata:ObjectMeta Spec:ReplicaSetSpec Status:Any
ReplicaSetSpec Replicas:*int32 MinReadySeconds:int32 Selector:*LabelSelector Template:PodTemplateSpec
Pod Kind:string APIVersion=apiVersion:string ObjectMeta=metadata:ObjectMeta Spec:PodSpec Status:Any
Scale Kind:string APIVersion=apiVersion:string ObjectMeta=metadata:ObjectMeta Spec:ScaleSpec Status:Any
ScaleSpec Replicas:int32
"""
