from django.urls import re_path

from cluster.api import views

urlpatterns = [re_path(r"^(?:clusters/[^/]+/)?(?:api|apis|openapi|version)(?:/[\s\S]*)?\Z", views.entry)]
