"""What a reader sees of an error; who is not signed in is led to the sign-in page and back."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.pages.frame import show
from api.problems import Problem

SEE_OTHER = 303


def problem_page(request: Request, problem: Problem) -> Response:
    """The page of one problem."""
    if problem.status == 401:
        back = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse(f"/sign-in?{urlencode({'to': back})}" if request.method == "GET" and back != "/" else "/sign-in", SEE_OTHER)
    return show(request, "problem.html", status=problem.status, problem=problem)
