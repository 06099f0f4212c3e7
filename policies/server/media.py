"""Pictures and videos out of data URLs. Nothing is fetched: a server that follows addresses can be sent anywhere."""

import base64
import binascii
import io

from PIL import Image, UnidentifiedImageError

from chat import Message, TextPart, Turn, Video, VideoPart
from failures import invalid

# Chosen: an 8K screen has 33 million.
MAX_PIXELS = 50_000_000
# CogVLM2-Video sees at most 24 frames, one a second.
MAX_FRAMES = 24
# Chosen: pictures in one conversation, before memory is at stake.
MAX_PICTURES = 32


def turn_of(message: Message) -> Turn:
    """Decodes what the message carries. @raises Refusal when it is no picture, or too large a one."""
    if isinstance(message.content, str):
        return Turn(message.role, [message.content])
    if sum(not isinstance(part, TextPart) for part in message.content) > MAX_PICTURES:
        raise invalid(f"expected at most {MAX_PICTURES} pictures in a message", "messages")
    return Turn(message.role, [_part_of(part) for part in message.content])


def _part_of(part):
    if isinstance(part, TextPart):
        return part.text
    if isinstance(part, VideoPart):
        return Video(_frames_of(_bytes_of(part.video_url.url, "video_url")))
    return _image_of(_bytes_of(part.image_url.url, "image_url"))


def _bytes_of(url: str, param: str) -> bytes:
    head, comma, data = url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64") or not comma:
        raise invalid(f"'{param}' must be a data URL in base64 (this server fetches nothing), got '{url[:40]}'", param)
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"'{param}' is not base64", param) from None


def _image_of(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "WEBP"])
        if image.width * image.height > MAX_PIXELS:
            raise invalid(f"expected at most {MAX_PIXELS} pixels, got {image.width} x {image.height}", "image_url")
        return image.convert("RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise invalid(f"'image_url' is no JPEG, PNG or WebP that can be read ({type(error).__name__})", "image_url") from None


def _frames_of(data: bytes) -> list[Image.Image]:
    """The frame nearest to each whole second, from the first to the last stamp rounded half to even: the chat model's own choice."""
    try:
        import av
    except ImportError:
        raise invalid("'video_url' needs the package av on the server; send the frames as 'image_url' parts instead", "video_url") from None
    try:
        with av.open(io.BytesIO(data)) as file:
            if file.streams.video[0].width * file.streams.video[0].height > MAX_PIXELS:
                raise invalid(f"expected at most {MAX_PIXELS} pixels a frame", "video_url")
            stamped = ((frame.time, frame) for frame in file.decode(video=0) if frame.time is not None)
            return [frame.to_image() for frame in second_by_second(stamped)]
    except (av.error.FFmpegError, IndexError, ValueError) as error:
        raise invalid(f"'video_url' is no video that can be read ({type(error).__name__})", "video_url") from None


def second_by_second(stamped) -> list:
    """What is nearest to each second; of two that are equally near, the earlier. One pass over pairs of time and frame."""
    chosen, last = [], None
    for time_s, frame in stamped:
        last = last or (time_s, frame)
        while len(chosen) < MAX_FRAMES and len(chosen) <= time_s:
            second = len(chosen)
            chosen.append(last[1] if second - last[0] <= time_s - second else frame)
        last = (time_s, frame)
        if len(chosen) == MAX_FRAMES:
            return chosen
    while last and len(chosen) < min(MAX_FRAMES, round(last[0]) + 1):
        chosen.append(last[1])
    return chosen
