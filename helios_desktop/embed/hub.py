"""The model hub: in come a repository and a revision, out come its list of files and their bytes. Only here is it spoken to.

Everything people set for the hub's own library counts here as well: ``HF_ENDPOINT``, ``HF_HOME``, ``HF_TOKEN``,
``HF_HUB_OFFLINE``, the proxy variables, ``SSL_CERT_FILE`` (and ``REQUESTS_CA_BUNDLE`` in its place). Every way in which it can
fail becomes a ``ModelError`` that says what to do.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from helios_desktop import __version__
from helios_desktop.errors import ModelError

CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 30.0
_KEPT = "What came so far is kept: try again, and it goes on from there."
_LICENCES = {"mit": "MIT", "apache-2.0": "Apache-2.0", "cc-by-4.0": "CC-BY-4.0", "cc-by-nc-4.0": "CC-BY-NC-4.0"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """One file as the hub lists it. ``sha256`` (large files) and ``git_sha1`` (small ones) are empty where unknown."""

    name: str
    bytes: int
    sha256: str = ""
    git_sha1: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A repository at one revision. ``licence``: what its publisher states, empty where nothing is stated."""

    revision: str
    files: tuple[RemoteFile, ...]
    licence: str


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of a file from ``offset`` on, which is 0 where the server would not go on from where we were."""

    offset: int
    chunks: Iterator[bytes]


class InterruptedTransferError(ModelError):
    """The bytes stopped coming; going on from there may work at once."""


class Hub:
    """Speaks to one hub. Nothing is sent or imported before the first question."""

    def __init__(self, endpoint: str | None = None, *, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._endpoint = endpoint
        self._silence_seconds = silence_seconds

    @property
    def endpoint(self) -> str:
        """The address in use."""
        from huggingface_hub import constants

        return self._endpoint or constants.ENDPOINT

    @property
    def is_offline(self) -> bool:
        """Whether the user forbade connections with ``HF_HUB_OFFLINE``."""
        from huggingface_hub import constants

        return bool(constants.HF_HUB_OFFLINE)

    def listing(self, repository: str, revision: str | None = None) -> Listing:
        """Ask which files a repository has. Raises ``ModelError``."""
        from huggingface_hub import HfApi

        _honour_own_certificates()
        api = HfApi(endpoint=self.endpoint, library_name="helios-desktop", library_version=__version__)
        with self._faults(repository), _settings_of_the_network():
            info = api.model_info(repository, revision=revision, files_metadata=True, timeout=CONNECT_SECONDS)
        return Listing(
            revision=str(info.sha or ""),
            files=tuple(_remote_file(one) for one in info.siblings or ()),
            licence=_licence(info),
        )

    @contextmanager
    def body(self, repository: str, revision: str, file: RemoteFile, offset: int) -> Iterator[Body]:
        """Open a file from ``offset`` on. Raises ``InterruptedTransferError`` where going on may help, and ``ModelError``."""
        import httpx2
        from huggingface_hub import get_session, hf_hub_url
        from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

        _honour_own_certificates()
        url = hf_hub_url(repository, file.name, revision=revision, endpoint=self.endpoint)
        headers = build_hf_headers(library_name="helios-desktop", library_version=__version__)
        headers["Accept-Encoding"] = "identity"  # a range of a compressed body could not be put together
        if offset:
            headers["Range"] = f"bytes={offset}-"
        limits = httpx2.Timeout(self._silence_seconds, connect=CONNECT_SECONDS)
        with self._faults(repository), ExitStack() as stack:
            with _settings_of_the_network():
                response = stack.enter_context(get_session().stream("GET", url, headers=headers, timeout=limits))
            if response.status_code >= 400:
                response.read()
            hf_raise_for_status(response)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                raise self._web_page()
            yield Body(offset if response.status_code == 206 else 0, response.iter_bytes())

    def cached(self, repository: str, revision: str | None = None) -> Path | None:
        """Return a repository's folder in the hub's own cache (below ``HF_HOME``), None if absent. Never connects."""
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(repository, revision=revision, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, OSError):
            return None

    @contextmanager
    def _faults(self, repository: str) -> Iterator[None]:
        """Turn whatever goes wrong into a sentence with a remedy."""
        import httpx2
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

        try:
            yield
        except HfHubHTTPError as error:
            raise self._refusal(repository, error.response) from error
        except OfflineModeIsEnabled as error:
            raise offline_error() from error
        except HFValidationError as error:
            raise ModelError(
                f"{repository!r} is not the name of a model on the hub.", "See the names with: helios models list"
            ) from error
        except httpx2.TooManyRedirects as error:
            raise self._web_page() from error
        except httpx2.ProxyError as error:
            raise ModelError(
                f"The proxy would not let us through to {self._host} ({error}).",
                "Check HTTPS_PROXY and NO_PROXY, or ask whoever runs the proxy to allow this address.",
            ) from error
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error
        except ValueError as error:  # an answer that is not the hub's JSON
            raise self._web_page() from error

    @property
    def _host(self) -> str:
        return urlsplit(self.endpoint).netloc or self.endpoint

    def _proxy(self) -> str:
        """The proxy that stands before the hub, without name and password; empty where none does."""
        parts = urlsplit(self.endpoint)
        if proxy_bypass(parts.hostname or ""):
            return ""
        proxies = getproxies()
        return (proxies.get(parts.scheme) or proxies.get("all") or "").rpartition("@")[2].rpartition("//")[2]

    def _web_page(self) -> ModelError:
        return ModelError(
            f"{self._host} answered with a web page instead of the model: the sign-in page of this network or a filter"
            " stands in between.",
            "Open any page in a browser, sign in to the network, and try again.",
        )

    def _unreachable(self, error: Exception) -> ModelError:
        import httpx2

        if _caused_by(error, ssl.SSLError):
            return ModelError(
                f"The certificate of {self._host} is not trusted here ({_root_cause(error)}).",
                "If your organisation inspects traffic, name the file with its certificate in SSL_CERT_FILE, and try again.",
            )
        if isinstance(error, httpx2.UnsupportedProtocol):
            return ModelError(
                f"{self.endpoint!r} is no address of a hub.", "Write it with https:// in front, in HF_ENDPOINT, or unset that."
            )
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout) and (proxy := self._proxy()):
            return ModelError(
                f"{self._host} cannot be reached through the proxy {proxy} ({_root_cause(error)}).",
                "Check HTTPS_PROXY and NO_PROXY, or ask whoever runs the proxy. Without a network, bring the model as a file:"
                " helios models install FILE",
            )
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
            return ModelError(
                f"{self._host} cannot be reached ({_root_cause(error)}).",
                "Check the network connection and try again. Without a network, bring the model as a file:"
                " helios models install FILE",
            )
        if isinstance(error, httpx2.TimeoutException):
            return InterruptedTransferError(f"{self._host} sent nothing for {self._silence_seconds:.0f} seconds.", _KEPT)
        return InterruptedTransferError(f"The connection to {self._host} was cut ({_root_cause(error)}).", _KEPT)

    def _refusal(self, repository: str, response: Any) -> ModelError:
        status = response.status_code
        if status == 407:
            return ModelError(
                f"The proxy wants a password before it lets us through to {self._host} (407).",
                "Put name and password into HTTPS_PROXY, as in http://name:password@proxy:8080, and try again.",
            )
        if status in {401, 403}:
            return ModelError(
                f"{self._host} does not give out {repository} ({status}): it is private, wants an agreement, or is not there.",
                "Check the name; if the model needs an agreement, accept it on its page and set HF_TOKEN to your token.",
            )
        if status == 404 and response.headers.get("X-Error-Code") == "RevisionNotFound":
            return ModelError(
                f"{self._host} no longer has the revision of {repository} that was downloaded at first (404).",
                "If you trust the newer one, remove the model (helios models remove NAME) and download it anew.",
            )
        if status == 404:
            return ModelError(
                f"{self._host} has no model {repository}, or it lacks a file that it lists (404).",
                "Check the name with: helios models list",
            )
        if status == 429:
            return ModelError(
                f"{self._host} asks for a pause: too many downloads from this address (429).",
                f"Wait {_pause_words(response)} and try again. {_KEPT}",
            )
        if status >= 500:
            return InterruptedTransferError(
                f"{self._host} has a fault of its own ({status}).", f"Try again in a few minutes. {_KEPT}"
            )
        return ModelError(f"{self._host} refused the download of {repository} ({status}).", "Try again later.")


@contextmanager
def _settings_of_the_network() -> Iterator[None]:
    """Turn variables that the client cannot use, which it finds out at its first request, into sentences."""
    try:
        yield
    except ImportError as error:  # what speaks SOCKS is a package of its own
        raise _proxy_unusable("SOCKS proxies are not understood") from error
    except (FileNotFoundError, ssl.SSLError) as error:
        raise ModelError(
            f"The certificates in {_certificates_named()} cannot be read ({error}).",
            "Name a file with certificates (PEM) in SSL_CERT_FILE, or unset it.",
        ) from error
    except ValueError as error:
        if "proxy" in str(error).lower():
            raise _proxy_unusable(str(error)) from error
        raise


def _proxy_unusable(why: str) -> ModelError:
    return ModelError(
        f"The proxy cannot be used ({why}).",
        "Name one that speaks HTTP in HTTPS_PROXY, as in http://proxy:8080, and unset ALL_PROXY.",
    )


def _certificates_named() -> str:
    return os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "this system's own place"


def offline_error() -> ModelError:
    """Return what to say where connections are forbidden."""
    return ModelError(
        "Downloads are switched off by HF_HUB_OFFLINE, and the model is not in the hub's cache on this computer.",
        "Unset HF_HUB_OFFLINE, or bring the model as a file: helios models install FILE",
    )


def _remote_file(sibling: Any) -> RemoteFile:
    lfs = sibling.lfs
    return RemoteFile(
        name=str(sibling.rfilename),
        bytes=int((lfs.size if lfs else sibling.size) or 0),
        sha256=str(lfs.sha256 if lfs else ""),
        git_sha1="" if lfs else str(sibling.blob_id or ""),
    )


def _licence(info: Any) -> str:
    stated = getattr(info.card_data, "license", None) if info.card_data else None
    return _LICENCES.get(stated, stated) if isinstance(stated, str) else ""


def _pause_words(response: Any) -> str:
    seconds = str(response.headers.get("Retry-After", ""))
    if not seconds.isdigit():
        return "a few minutes"
    return f"{seconds} seconds" if int(seconds) < 120 else f"{round(int(seconds) / 60)} minutes"


def _honour_own_certificates() -> None:
    """The client listens to ``SSL_CERT_FILE`` alone; many networks document ``REQUESTS_CA_BUNDLE``."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if bundle and not os.environ.get("SSL_CERT_FILE"):
        os.environ["SSL_CERT_DIR" if Path(bundle).is_dir() else "SSL_CERT_FILE"] = bundle


def _caused_by(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


def _root_cause(error: BaseException) -> str:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    text = str(error)
    return text if text else type(error).__name__
