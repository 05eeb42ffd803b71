from django.urls import re_path

from cluster.api import views

urlpatterns = [re_path(r"(?s)^(?:api|apis|openapi|version)(?:/.*)?\Z", views.entry)]
