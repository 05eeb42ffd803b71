from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from cluster.page.registering import LoginPage, RegisterPage

urlpatterns = [
    path("admin/", admin.site.urls),
    path("login/", LoginPage.as_view(), name="login"),
    path("register/", RegisterPage.as_view(), name="register"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(template_name="password.html", success_url="/"), name="password"),
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("jsi18n/", JavaScriptCatalog.as_view(domain="djangojs"), name="javascript-catalog"),
    path("", include("cluster.api.urls")),
    path("", include("cluster.classroom.urls")),
    path("", include("cluster.urls")),
]
