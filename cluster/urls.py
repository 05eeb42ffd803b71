from django.urls import include, path, re_path

from cluster.live import health
from cluster.page import (
    assuming,
    clusters_page,
    fidelity,
    forecast_exports,
    invitation_page,
    lanes,
    pods,
    remedying,
    replays,
    settings_page,
    stories_page,
    views,
)

cluster = "clusters/<str:cluster>"
namespace = f"{cluster}/namespaces/<str:namespace>"
deployment = f"{namespace}/deployments/<str:name>"
rollout = f"{cluster}/rollouts/<int:rv>"

cluster_pages = [
    path("", views.cluster_home, name="cluster"),
    path("pace/", views.pace),
    path("step/", views.step),
    path("rename/", clusters_page.rename),
    path("reset/", clusters_page.reset),
    path("delete/", clusters_page.delete),
    path("settings/", settings_page.page, name="settings"),
    path("story/<str:verb>/", stories_page.press),
]
namespace_pages = [
    path("", views.overview, name="overview"),
    path("behaviours/", assuming.keep),
    path("deployments/create/", views.create),
    path("deployments/example/", views.example),
    path("pods/<str:name>/", pods.details),
    path("pods/<str:name>/delete/", views.delete_pod),
]
deployment_pages = [
    path("", views.deployment, name="deployment"),
    path("yaml/", views.yaml),
    path("revisions/", views.revisions),
    path("film/", views.film),
    path("traffic/", lanes.live),
    path("rollouts/", replays.of_deployment),
    path("forecast/", views.forecast),
    path("forecast.svg", forecast_exports.as_svg),
    path("forecast.html", forecast_exports.as_html),
    path("remedies/", remedying.remedies),
    path("remedies/apply/", remedying.apply_remedy),
    path("<str:action>/", views.act),
]
rollout_pages = [
    path("", replays.replay, name="rollout"),
    path("film/", replays.film),
    path("traffic/", replays.traffic),
    path("nodes/", replays.nodes),
    path("film.svg", replays.as_svg, name="rollout-svg"),
    path("film.html", replays.as_html, name="rollout-html"),
    path("pin/", replays.pin),
    path("unpin/", replays.unpin),
]
urlpatterns = [
    path("", clusters_page.home, name="home"),
    path("clusters/", clusters_page.page, name="clusters"),
    path("stories/<str:name>/play/", stories_page.play, name="story-play"),
    path("fidelity/", fidelity.page, name="fidelity"),
    path("invitations/<str:secret>/", invitation_page.page, name="invitation"),
    path("livez", health.livez),
    path("healthz", health.livez),
    path("readyz", health.readyz),
    path(f"{cluster}/", include(cluster_pages)),
    path(f"{namespace}/", include(namespace_pages)),
    path(f"{deployment}/", include(deployment_pages)),
    path(f"{rollout}/", include(rollout_pages)),
    re_path("^(?P<old>(?:namespaces|rollouts)/.*)$", views.from_before_clusters),
]
