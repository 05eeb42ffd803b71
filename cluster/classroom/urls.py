from django.urls import path

from cluster.classroom import class_pages, joining, lesson_pages, library_page, result_pages, seat_pages, study_pages

a_class = "classes/<slug:slug>"

urlpatterns = [
    path("stories/", library_page.page, name="stories"),
    path("lessons/<str:name>/begin/", study_pages.begin, name="lesson-begin"),
    path("clusters/<str:cluster>/lesson/<str:verb>/", study_pages.act),
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
    path(f"{a_class}/board/", class_pages.board, name="class-board"),
    path(f"{a_class}/lessons/", lesson_pages.index, name="class-lessons"),
    path(f"{a_class}/lessons/check/", lesson_pages.check),
    path(f"{a_class}/lessons/save/", lesson_pages.save),
    path(f"{a_class}/lessons/delete/", lesson_pages.delete),
    path(f"{a_class}/results/", result_pages.page, name="class-results"),
    path(f"{a_class}/results.csv", result_pages.as_csv, name="class-results-csv"),
    path(f"{a_class}/results.json", result_pages.as_json, name="class-results-json"),
    path(f"{a_class}/end/", result_pages.end),
    path(f"{a_class}/present/", class_pages.present),
    path(f"{a_class}/hand-out/", class_pages.hand_out),
    path(f"{a_class}/reset/", class_pages.reset_all),
    path(f"{a_class}/freeze/", class_pages.freeze),
    path(f"{a_class}/seats/<int:number>/<str:verb>/", class_pages.change_seat),
]
