"""Which records an operation is for: those in a state that it takes."""

from collections.abc import Callable, Mapping

from tests.contract.generated.known import Known


def mail_senders(known: Known) -> list[str]:
    """Give the senders that can send emails."""
    return [
        key
        for key, sender in known.active["sender"].items()
        if sender["channel"] == "EMAIL" and sender["health"] == "HEALTHY" and not sender.get("archivedAt")
    ]


def _logged(known: Known) -> list[str]:
    return sorted(known.logged)


def _files(status: str) -> Callable[[Known], list[str]]:
    def usable(known: Known) -> list[str]:
        return [key for key, file in known.active["file"].items() if file["status"] == status]

    return usable


def _stored_files(known: Known) -> list[str]:
    return [key for key in _files("PENDING")(known) if key in known.stored]


def _drafts(known: Known) -> list[str]:
    return [*known.active["draft"]]


def _published(known: Known) -> list[str]:
    return [key for key, sequence in known.active["sequence"].items() if sequence.get("definition")]


def _mailing(known: Known) -> list[str]:
    """Give the sequences that any contact can take part in."""
    usable = {*mail_senders(known)}
    published = {key: known.active["sequence"][key] for key in _published(known)}
    return [
        key
        for key, sequence in published.items()
        if sequence["channels"] == ["EMAIL"] and usable & {sender["id"] for sender in sequence["senders"]}
    ]


def _active(known: Known) -> list[str]:
    return [key for key in _mailing(known) if known.active["sequence"][key]["status"] == "ACTIVE"]


def _with(part: str) -> Callable[[Known], list[str]]:
    def usable(known: Known) -> list[str]:
        return [key for key in known.active["sequence"] if known.active[f"{part} of {key}"]]

    return usable


def _senders(known: Known) -> list[str]:
    return [key for key, sender in known.active["sender"].items() if not sender.get("archivedAt")]


def _well(known: Known) -> list[str]:
    return [key for key in _senders(known) if not known.active["sender"][key].get("healthReason")]


_SEQUENCES: Mapping[str, Callable[[Known], list[str]]] = {
    **dict.fromkeys(("retrieve_draft", "update_draft", "publish_draft", "discard_draft"), _drafts),
    **dict.fromkeys(("deactivate", "retrieve_performance"), _published),
    **dict.fromkeys(("activate", "start_test"), _mailing),
    "update_enrollments": _active,
    **dict.fromkeys(("list_enrollments", "retrieve_enrollment", "list_messages"), _with("enrollment")),
    "retrieve_message": _with("message"),
    "retrieve_test": _with("test"),
}
USABLE: Mapping[str, Callable[[Known], list[str]]] = {
    **{f"sequence.{name}": usable for name, usable in _SEQUENCES.items()},
    "sender.update": _senders,
    "sender.mark_healthy": _well,
    "email.delete": _logged,
    "email.restore": _logged,
    "file.complete": _stored_files,
    "file.cancel": _files("PENDING"),
    "file.url": _files("COMPLETED"),
}
