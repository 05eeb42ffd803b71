from django.urls import path

from cluster import fidelity, health, replays, views

cluster = "clusters/<str:cluster>"
namespace = f"{cluster}/namespaces/<str:namespace>"
deployment = f"{namespace}/deployments/<str:name>"
rollout = f"{cluster}/rollouts/<int:rv>"

urlpatterns = [
    path("", views.home, name="home"),
    path("fidelity/", fidelity.page, name="fidelity"),
    path("livez", health.livez),
    path("healthz", health.livez),
    path("readyz", health.readyz),
    path(f"{cluster}/", views.cluster_home, name="cluster"),
    path(f"{namespace}/", views.overview, name="overview"),
    path(f"{namespace}/deployments/create/", views.create),
    path(f"{namespace}/deployments/example/", views.example),
    path(f"{cluster}/pace/", views.pace),
    path(f"{cluster}/step/", views.step),
    path(f"{deployment}/", views.deployment, name="deployment"),
    path(f"{deployment}/yaml/", views.yaml),
    path(f"{deployment}/revisions/", views.revisions),
    path(f"{deployment}/film/", views.film),
    path(f"{deployment}/rollouts/", replays.of_deployment),
    path(f"{deployment}/forecast/", views.forecast),
    path(f"{deployment}/<str:action>/", views.act),
    path(f"{rollout}/", replays.replay, name="rollout"),
    path(f"{rollout}/film/", replays.film),
    path(f"{rollout}/film.svg", replays.as_svg, name="rollout-svg"),
    path(f"{rollout}/film.html", replays.as_html, name="rollout-html"),
    path(f"{rollout}/pin/", replays.pin),
    path(f"{rollout}/unpin/", replays.unpin),
    path(f"{namespace}/pods/<str:name>/delete/", views.delete_pod),
]
