from django.urls import path

from cluster import fidelity, health, replays, views

deployment = "namespaces/<str:namespace>/deployments/<str:name>"

urlpatterns = [
    path("", views.home, name="home"),
    path("fidelity/", fidelity.page, name="fidelity"),
    path("livez", health.livez),
    path("healthz", health.livez),
    path("readyz", health.readyz),
    path("namespaces/<str:namespace>/", views.overview, name="overview"),
    path("namespaces/<str:namespace>/deployments/create/", views.create),
    path("namespaces/<str:namespace>/deployments/example/", views.example),
    path("namespaces/<str:namespace>/pace/", views.pace),
    path("namespaces/<str:namespace>/step/", views.step),
    path(f"{deployment}/", views.deployment, name="deployment"),
    path(f"{deployment}/yaml/", views.yaml),
    path(f"{deployment}/revisions/", views.revisions),
    path(f"{deployment}/film/", views.film),
    path(f"{deployment}/rollouts/", replays.of_deployment),
    path(f"{deployment}/forecast/", views.forecast),
    path(f"{deployment}/<str:action>/", views.act),
    path("rollouts/<int:pk>/", replays.replay, name="rollout"),
    path("rollouts/<int:pk>/film/", replays.film),
    path("rollouts/<int:pk>/film.svg", replays.as_svg, name="rollout-svg"),
    path("rollouts/<int:pk>/film.html", replays.as_html, name="rollout-html"),
    path("rollouts/<int:pk>/pin/", replays.pin),
    path("rollouts/<int:pk>/unpin/", replays.unpin),
    path("namespaces/<str:namespace>/pods/<str:name>/delete/", views.delete_pod),
]
