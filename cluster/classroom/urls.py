from django.urls import path

from cluster.classroom import class_pages, joining, seat_pages

a_class = "classes/<slug:slug>"

urlpatterns = [
    path("join/", joining.join, name="join"),
    path("join/<str:code>/", joining.join, name="join-code"),
    path("seats/<str:link>/", joining.by_seat_link, name="seat-link"),
    path("seats/<str:link>/kubeconfig", joining.kubeconfig_by_link),
    path("teach/<str:link>/", joining.by_teacher_link, name="teacher-link"),
    path("seat/", seat_pages.seat, name="seat"),
    path("seat/stage/", seat_pages.stage, name="seat-stage"),
    path("seat/kubeconfig/", seat_pages.kubeconfig, name="seat-kubeconfig"),
    path("seat/hint/", seat_pages.hint),
    path("seat/answer/", seat_pages.answer),
    path("seat/reset/", seat_pages.reset),
    path("seat/help/", seat_pages.help_me),
    path("classes/", class_pages.index, name="classes"),
    path("classes/create/", class_pages.create, name="class-create"),
    path(f"{a_class}/", class_pages.door, name="class-door"),
    path(f"{a_class}/change/", class_pages.change, name="class-change"),
    path(f"{a_class}/hand-out/", class_pages.hand_out),
    path(f"{a_class}/reset/", class_pages.reset_all),
    path(f"{a_class}/freeze/", class_pages.freeze),
    path(f"{a_class}/seats/<int:number>/<str:verb>/", class_pages.change_seat),
]
