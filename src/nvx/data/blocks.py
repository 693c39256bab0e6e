"""The parts of a Converse turn that are not plain text: media, tools, reasoning."""

from nvx.data.shapes import (
    RowError,
    RowPath,
    dotted,
    expect_closed,
    expect_key,
    expect_list,
    expect_object,
    expect_one_of,
    expect_text,
    quoted,
)

IMAGE_FORMATS = ("jpeg", "png", "gif", "webp")
VIDEO_FORMATS = ("mov", "mkv", "mp4", "webm")


def check_tools(config: object) -> None:
    """The tools a conversation may call: a name and a JSON schema of the input each."""
    at: RowPath = ("toolConfig", "tools")
    found = expect_object(config, ("toolConfig",))
    tools = expect_list(expect_key(found, "tools", ("toolConfig",)), at)
    for index, tool in enumerate(tools):
        here: RowPath = (*at, index, "toolSpec")
        outer = expect_closed(tool, (*at, index), required=("toolSpec",))
        spec = expect_closed(
            outer["toolSpec"],
            here,
            required=("name", "inputSchema"),
            optional=("description",),
        )
        expect_text(spec["name"], (*here, "name"))
        expect_text(spec.get("description", ""), (*here, "description"))
        schema = expect_object(spec["inputSchema"], (*here, "inputSchema"))
        expect_object(
            expect_key(schema, "json", (*here, "inputSchema")), (*here, "inputSchema", "json")
        )


def check_block(block: object, at: RowPath) -> None:
    """One block of content: an object with exactly one of the known parts."""
    found = expect_object(block, at)
    if len(found) != 1 or (kind := next(iter(found))) not in _BLOCKS:
        keys = quoted(found) or "no key"
        one_of = quoted(_BLOCKS)
        raise RowError(at, f"{dotted(at)} has {keys}; it must have exactly one of {one_of}")
    _BLOCKS[kind](found[kind], (*at, kind))


def _check_image(value: object, at: RowPath) -> None:
    _check_media(value, at, IMAGE_FORMATS)


def _check_video(value: object, at: RowPath) -> None:
    _check_media(value, at, VIDEO_FORMATS)


def _check_document(value: object, at: RowPath) -> None:
    found = expect_object(value, at)
    expect_text(expect_key(found, "format", at), (*at, "format"))
    _check_source(found, at)


def _check_media(value: object, at: RowPath, formats: tuple[str, ...]) -> None:
    found = expect_closed(value, at, required=("format", "source"))
    expect_one_of(found["format"], formats, (*at, "format"))
    _check_source(found, at)


def _check_source(found: dict[str, object], at: RowPath) -> None:
    source = expect_object(expect_key(found, "source", at), (*at, "source"))
    here: RowPath = (*at, "source", "s3Location")
    place = expect_object(expect_key(source, "s3Location", (*at, "source")), here)
    # People write `uri`; the service itself rewrites it to `localPath`.
    if "uri" not in place and "localPath" not in place:
        raise RowError(here, f'{dotted(here)} has no "uri"')
    for key, value in place.items():
        expect_text(value, (*here, key))


def _check_tool_use(value: object, at: RowPath) -> None:
    found = expect_closed(value, at, required=("toolUseId", "name", "input"))
    expect_text(found["toolUseId"], (*at, "toolUseId"))
    expect_text(found["name"], (*at, "name"))


def _check_tool_result(value: object, at: RowPath) -> None:
    found = expect_closed(value, at, required=("toolUseId", "content"), optional=("status",))
    expect_text(found["toolUseId"], (*at, "toolUseId"))
    here: RowPath = (*at, "content")
    for place, item in enumerate(expect_list(found["content"], here)):
        part = expect_object(item, (*here, place))
        if part.keys() not in ({"json"}, {"text"}):
            raise RowError(
                (*here, place), f'{dotted((*here, place))} must have "json" or "text"'
            )
        if "text" in part:
            expect_text(part["text"], (*here, place, "text"))


def _check_reasoning(value: object, at: RowPath) -> None:
    found = expect_object(value, at)
    inner = expect_object(expect_key(found, "reasoningText", at), (*at, "reasoningText"))
    here: RowPath = (*at, "reasoningText")
    expect_text(expect_key(inner, "text", here), (*here, "text"))


_BLOCKS = {
    "text": expect_text,
    "image": _check_image,
    "video": _check_video,
    "document": _check_document,
    "toolUse": _check_tool_use,
    "toolResult": _check_tool_result,
    "reasoningContent": _check_reasoning,
}
