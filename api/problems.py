"""Errors as `application/problem+json` (RFC 9457): what is wrong, how to mend it, and at which place of the request.

A value that was sent is never said back: it could be a name or a number. Pages may answer in their own way: `app.state.error_page`,
if set, is called with the request and the problem for whoever accepts HTML.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.deps import language
from api.errors import BadRequest, Place, ServiceError, TooMany, status_of, told
from api.settings import Lang
from matcher.ingest_reader import hide
from matcher.language import Words

LOG = logging.getLogger("aidgraph.http")
MEDIA = "application/problem+json"
TITLES = {
    400: Words("请求看不懂", "not understood"),
    401: Words("未登录", "not signed in"),
    403: Words("没有权限", "not allowed"),
    404: Words("没有找到", "not found"),
    405: Words("不支持这种方法", "method not allowed"),
    409: Words("有冲突", "conflict"),
    412: Words("已被他人修改", "changed by somebody else"),
    413: Words("内容过大", "too large"),
    415: Words("不支持这种格式", "format not supported"),
    422: Words("内容有误", "does not fit"),
    428: Words("缺少修改依据", "says not what it is based on"),
    429: Words("过于频繁", "too often"),
    500: Words("程序出错", "the program made a mistake"),
    503: Words("暂时不可用", "not available now"),
}
KINDS = {
    "missing": Words("缺少这一项", "is missing"),
    "extra_forbidden": Words("没有这一项，请核对拼写", "is not known: check the spelling"),
    "json_invalid": Words("不是有效的 JSON", "is no valid JSON"),
    "string_type": Words("应为文字", "should be text"),
    "int_parsing": Words("应为整数", "should be a whole number"),
    "bool_parsing": Words("应为 true 或 false", "should be true or false"),
    "date_from_datetime_parsing": Words("应为日期，如 2026-08-01", "should be a day such as 2026-08-01"),
    "date_parsing": Words("应为日期，如 2026-08-01", "should be a day such as 2026-08-01"),
    "literal_error": Words("不在可选的值之中", "is none of the values that it may have"),
    "dict_type": Words("应为对象", "should be an object"),
    "list_type": Words("应为列表", "should be a list"),
    "model_attributes_type": Words("应为对象", "should be an object"),
    "string_too_short": Words("至少 {min_length} 个字符", "should have at least {min_length} characters"),
    "string_too_long": Words("最多 {max_length} 个字符", "should have at most {max_length} characters"),
    "too_short": Words("至少 {min_length} 项", "should have at least {min_length} items"),
    "too_long": Words("最多 {max_length} 项", "should have at most {max_length} items"),
    "string_pattern_mismatch": Words("应符合 {pattern}", "should match {pattern}"),
    "greater_than_equal": Words("不小于 {ge}", "should be at least {ge}"),
    "less_than_equal": Words("不大于 {le}", "should be at most {le}"),
}
OTHER = Words("不符合要求", "does not fit what is asked for")


class Fault(BaseModel):
    """One place of the request."""

    path: str = Field(
        description="JSON pointer into the body; `?name` of the query, `#name` of the head", examples=["/people/0/facts/born"]
    )
    message: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str = Field(examples=["没有找到"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["没有这个户号，或不在您负责的范围内"])
    hint: str | None = None
    request: str = Field(description="also in the log and the audit")
    errors: list[Fault] = Field(default_factory=list)


_NAME = re.compile(r"[A-Za-z][A-Za-z_.-]{0,59}")

ErrorPage = Callable[[Request, Problem], Response]


def register(app: FastAPI) -> None:
    """Let every error be answered from here."""

    def handle(request: Request, error: Exception) -> Response:
        return answer(request, error)

    for kind in (ServiceError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, handle)


def answer(request: Request, error: Exception) -> Response:
    """The response to an error."""
    problem = problem_of(request, error)
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooMany) else {}
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    page: ErrorPage | None = getattr(request.app.state, "error_page", None)
    if page is not None and not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", ""):
        return page(request, problem)
    return JSONResponse(problem.model_dump(exclude_none=True), problem.status, headers, MEDIA)


def problem_of(request: Request, error: Exception) -> Problem:
    """An error in the reader's language; one that nobody foresaw is logged by kind and place alone."""
    lang = language(request)
    if isinstance(error, RequestValidationError):
        places = [_place(one) for one in error.errors()]
        return _problem(request, lang, 422, OTHER.en if lang == "en" else "请求内容不符合要求", places=places)
    if isinstance(error, HTTPException):
        return _problem(request, lang, error.status_code, _title(error.status_code, lang))
    known = told(error, lang)
    if known is None:
        LOG.error("request=%s mistake=%s", request.state.id, where(error))
        detail = (
            "Nothing was changed half-way. Please report the request number."
            if lang == "en"
            else "没有写入一半的数据。请把请求编号告诉维护人员。"
        )
        return _problem(request, lang, 500, detail)
    places = list(error.places) if isinstance(error, BadRequest) else []
    return _problem(request, lang, status_of(error), known.text, hint=known.hint, places=places)


def where(error: BaseException) -> str:
    """Kind and place of an error, without its message, which could hold anything."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    at = f" {Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    return f"{type(error).__name__}{at}"


def _problem(request: Request, lang: Lang, status: int, detail: str, *, hint: str = "", places: Sequence[Place] = ()) -> Problem:
    faults = [Fault(path=one.path, message=hide(one.en if lang == "en" else one.zh)) for one in places]
    return Problem(
        title=_title(status, lang), status=status, detail=hide(detail), hint=hint or None, request=request.state.id, errors=faults
    )


def _title(status: int, lang: Lang) -> str:
    words = TITLES.get(status, TITLES[400] if status < 500 else TITLES[500])
    return words.en if lang == "en" else words.zh


def _place(error: Mapping[str, Any]) -> Place:
    """Where pydantic found a fault, and what kind of fault."""
    source, *rest = error["loc"] if error["loc"] else ("body",)
    if source == "body":
        parts: list[Any] = [] if error["type"] == "json_invalid" else list(rest)
        path = "".join(f"/{_named(part)}" for part in parts)
    else:
        path = f"{'?' if source == 'query' else '#' if source in ('header', 'cookie') else ''}{rest[0] if rest else ''}"
    words, bounds = KINDS.get(str(error["type"]), OTHER), error.get("ctx", {})
    return Place(path, words.zh.format_map(bounds), words.en.format_map(bounds))


def _named(part: object) -> str:
    """A part of a place; a key that could be anything that was typed is not said back."""
    return str(part) if isinstance(part, int) or _NAME.fullmatch(str(part)) else "…"
