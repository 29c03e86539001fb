"""The Airflow file of one feature view."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from fpc.emit.airflow.assets import asset_uri, made_by_dbt, upstream
from fpc.emit.airflow.literal import docstring, literal
from fpc.emit.airflow.markdown import bullet, paragraph, plain
from fpc.emit.airflow.pools import pool_name
from fpc.emit.airflow.schedule import crons
from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked
from fpc.emit.header import GENERATED
from fpc.emit.inert import one_line
from fpc.model.nodes import FeatureView, Model, Target
from fpc.model.schedule import longest_gap

#: The first line of every DAG file; Airflow looks for both words in it, "airflow" and "dag", before it reads one.
OPENING: Final = f"# An Airflow DAG. {GENERATED}: change the spec, not this file."
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Airflow keeps so many characters of a tag.
_TAG_WIDTH: Final = 100
_SHORTEST_TIMEOUT: Final = timedelta(minutes=15)
_LONGEST_TIMEOUT: Final = timedelta(hours=6)
#: Airflow looks for missed deadlines now and then, and a refresh takes its time.
_SHORTEST_DEADLINE: Final = timedelta(minutes=5)


def dag_file(model: Model, view: FeatureView, target: Target) -> Artefact:
    """The DAG that keeps a view fresh: when it runs, who owns it, and the tasks in their order."""
    name = checked(view.name)
    schedule, imported = _schedule(model, view)
    pool = pool_name(model.config, target)
    # Airflow makes up for the runs of a clock alone, and only these have an instant from which a deadline counts.
    has_clock = upstream(model, view) is None
    due = _due(view) if has_clock else None
    tasks = {
        *("build", "gate", "publish", "record", "source_is_fresh", "task_defaults"),
        *(["fill_history"] if has_clock else []),
        *(["published_within"] if due else []),
    }
    lines = [
        OPENING,
        docstring(_documentation(model, view)),
        "",
        "from datetime import UTC, datetime, timedelta",
        "",
        f"from airflow.sdk import {', '.join(sorted({'DAG', 'Asset', 'chain', *imported}, key=_import_order))}",
        "",
        "from fpc.runtime.airflow import (",
        *(f"    {task}," for task in sorted(tasks)),
        ")",
        "",
        "with DAG(",
        f'    dag_id="{name}",',
        "    doc_md=__doc__,",
        f"    schedule={schedule},",
        f"    start_date={_instant(view.start or 0)},",
        "    catchup=False,",
        "    max_active_runs=1,",
        *([f'    deadline=published_within("{name}", {_minutes(due)}),'] if due else []),
        f"    tags=[{', '.join(map(literal, _tags(view)))}],",
        "    default_args=task_defaults(",
        f"        owner={literal(one_line(view.owner))},",
        f"        timeout={_timeout(view)},",
        *([f'        pool="{checked(pool)}",'] if pool else []),
        "    ),",
        "):",
        f'    fresh = source_is_fresh("{name}")',
        "    chain(",
        "        fresh,",
        f'        build("{name}"),',
        f'        gate("{name}"),',
        f'        publish("{name}"),',
        f'        record("{name}", makes=Asset("{asset_uri(model, name)}")),',
        "    )",
        *([f'    chain(fresh, fill_history("{name}"))'] if has_clock else []),
    ]
    return Artefact(f"dags/{name}.py", "\n".join(lines) + "\n")


def _schedule(model: Model, view: FeatureView) -> tuple[str, tuple[str, ...]]:
    """The value of `schedule=`, and what it needs of Airflow."""
    above = upstream(model, view)
    if above is not None:
        return f'[Asset("{asset_uri(model, checked(above))}")]', ()
    times = crons(view.grid)
    written = ", ".join(map(literal, times))
    timetable = "CronTriggerTimetable" if len(times) == 1 else "MultipleCronTriggerTimetable"
    clock = f'{timetable}({written}, timezone="UTC")'
    made = made_by_dbt(model, view)
    if made is None:
        return clock, (timetable,)
    asset = f'Asset("{asset_uri(model, f"model/{checked(made)}")}")'
    return f"AssetOrTimeSchedule(timetable={clock}, assets=[{asset}])", ("AssetOrTimeSchedule", timetable)


def _documentation(model: Model, view: FeatureView) -> list[str]:
    entity, source = checked(view.entity.name), checked(view.source.name)
    purpose = paragraph(view.description) or [f"The features of {entity}."]
    facts = [
        f"**Feature view** {checked(view.name)} version {view.version}, of entity {entity}, from source {source}",
        f"**Owner** {plain(view.owner) or 'nobody'}",
        f"**Fresh** {_freshness(model, view)}",
        f"**Features** {', '.join(plain(output.name) for output in view.outputs)}",
        f"**Spec** {_spec(model, view)}",
    ]
    if view.deprecated is not None:
        use = f"; use {plain(view.deprecated.use)}" if view.deprecated.use else ""
        facts.append(f"**Deprecated** since {plain(view.deprecated.since)}: {plain(view.deprecated.reason)}{use}")
    return [*purpose, "", *(line for fact in facts for line in bullet(fact))]


def _freshness(model: Model, view: FeatureView) -> str:
    above = upstream(model, view)
    if above is not None:
        told = f"after each publication of {checked(above)}"
    elif view.grid.cron is not None:
        told = f"at {plain(view.grid.cron)} (cron, UTC)"
    else:
        told = f"every {view.grid.every}, UTC"
    if view.delay.microseconds:
        told += f"; readable {view.delay} later"
    if view.online_ttl is not None:
        told += f"; not served when older than {view.online_ttl}"
    return told


def _spec(model: Model, view: FeatureView) -> str:
    """Where the view is written down; a link where the repository has an address."""
    path, url = plain(view.span.path), model.config.repository_url
    return path if url is None else f"[{path}]({url}/{quote(one_line(view.span.path))})"


def _due(view: FeatureView) -> timedelta | None:
    """How long a refresh may take from its instant to its publication, for the view to be as fresh as it promises.

    What is promised, less what its source's rows may come late; but never before the values are to be read (`delay`).
    Without a promise it is the time to the next refresh. None where nothing says.
    """
    promised = view.freshness or longest_gap(view.grid)
    if promised is None:
        return None
    lateness = view.source.max_lateness.microseconds if view.source.max_lateness is not None else 0
    left = max(promised.microseconds - lateness, view.delay.microseconds)
    return max(timedelta(microseconds=left), _SHORTEST_DEADLINE)


def _tags(view: FeatureView) -> list[str]:
    """`fpc`, the entity, and the spec's own, which Airflow wants short and not empty."""
    own = (one_line(tag)[:_TAG_WIDTH].strip() for tag in view.tags)
    return list(dict.fromkeys(tag for tag in ("fpc", view.entity.name, *own) if tag))


def _timeout(view: FeatureView) -> str:
    """How long a task may take: up to the next refresh, but neither too short to be of use nor a day lost."""
    gap = longest_gap(view.grid)
    step = timedelta(microseconds=gap.microseconds) if gap is not None else _LONGEST_TIMEOUT
    return _minutes(min(max(step, _SHORTEST_TIMEOUT), _LONGEST_TIMEOUT))


def _minutes(duration: timedelta) -> str:
    """Whole minutes, as Python has them."""
    return f"timedelta(minutes={duration // timedelta(minutes=1)})"


def _instant(at_us: int) -> str:
    at = _EPOCH + timedelta(microseconds=at_us)
    return f"datetime({at.year}, {at.month}, {at.day}, tzinfo=UTC)"


def _import_order(name: str) -> tuple[bool, bool, str]:
    """As import sorters have it: constants, then classes, then functions."""
    return not name.isupper(), name.islower(), name
