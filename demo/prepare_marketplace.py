"""Make `data/marketplace/`: seeded, made-up events of a food-delivery marketplace, from July to December 2013.

Run as `python demo/prepare_marketplace.py OUT`. The same seed gives the same files. The events have what real ones
have: lunch and dinner peaks, busy weekends, a few customers and restaurants with most of the orders, customers who stop
coming, orders whose status changes, rows that are loaded late and messages that are delivered twice.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

SEED: Final = 20131231
START: Final = np.datetime64("2013-07-01T00:00:00", "us")
END: Final = np.datetime64("2013-12-31T00:00:00", "us")
USERS: Final = 8_000
DRIVERS: Final = 450
RESTAURANTS: Final = 360
CITIES: Final = np.array(["north", "harbour", "old_town", "university", "airport"])
CUISINES: Final = np.array(["pizza", "noodles", "burgers", "curry", "salads", "sushi", "tacos"])
LABELS: Final = Path(__file__).parent / "marketplace"

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Instants: TypeAlias = npt.NDArray[np.datetime64]

# How many orders an hour of the day brings (UTC), and a day of the week from Monday.
HOURS: Final = np.array(
    [1, 0.5, 0.3, 0.2, 0.2, 0.3, 0.6, 1, 1.5, 2, 3, 6, 8, 6, 3, 2.5, 3, 5, 8, 9.5, 8, 5, 3, 2], dtype=np.float64
)
WEEKDAYS: Final = np.array([0.85, 0.85, 0.9, 1.0, 1.3, 1.35, 1.1])


@dataclass(frozen=True, slots=True)
class Demand:
    """The cumulated intensity of orders over time, by which uniform numbers become instants."""

    edges: Floats
    cumulated: Floats

    @staticmethod
    def between(start: np.datetime64, end: np.datetime64) -> Demand:
        """Hourly steps from `start` to `end`, cycling through the day and the week, growing by half over the span."""
        hours = int((end - start).astype(np.int64)) // HOUR
        step = np.arange(hours)
        weekday = (step // 24 + int(start.astype("datetime64[D]").astype(np.int64)) + 3) % 7
        rate = HOURS[step % 24] * WEEKDAYS[weekday] * (1 + 0.5 * step / hours)
        return Demand(np.arange(hours + 1, dtype=np.float64) * HOUR, np.concatenate([[0.0], np.cumsum(rate)]))

    def share(self, since_start: Integers) -> Floats:
        """The intensity cumulated up to each time, in microseconds since the start."""
        return np.interp(since_start, self.edges, self.cumulated)

    def instants(self, share: Floats) -> Integers:
        """The times (whole seconds, as microseconds since the start) at which the cumulated intensity is `share`."""
        return np.interp(share, self.cumulated, self.edges).astype(np.int64) // SECOND * SECOND


def prepare(out: Path) -> dict[str, int]:
    """Write every file into `out`; returns their row counts."""
    random = np.random.default_rng(SEED)
    users = _users(random)
    restaurants = _restaurants(random)
    drivers = _drivers(random)
    orders = _orders(random, users, restaurants, drivers)
    tables = {
        "users": _user_versions(random, users),
        "restaurants": restaurants,
        "drivers": drivers,
        "sessions": _sessions(random, orders),
        "ratings": _ratings(random, orders),
    }
    (out / "orders").mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, out / f"{name}.parquet", compression="zstd")
    changes = _status_changes(random, orders)
    months = changes["ds"].to_numpy().astype("datetime64[M]")
    for month in np.unique(months):
        pq.write_table(
            changes.filter(pa.array(months == month)), out / "orders" / f"{month}.parquet", compression="zstd"
        )
    labels = {f"labels/{name}": _labels(name, out) for name in ("churn", "cancellations")}
    return {**{name: table.num_rows for name, table in tables.items()}, "orders/*": changes.num_rows, **labels}


def _zipf(random: np.random.Generator, count: int, exponent: float) -> Floats:
    """Popularity weights that fall with the rank, in a random order."""
    return random.permutation(1.0 / np.arange(1, count + 1) ** exponent)


def _users(random: np.random.Generator) -> pa.Table:
    """One row per user, with the hidden traits that decide what they do: how often they order, and until when."""
    span = int((END - START).astype(np.int64))
    joined = np.where(
        random.random(USERS) < 0.55,
        -random.integers(0, 540 * DAY, USERS),
        (random.random(USERS) * span).astype(np.int64),
    )
    first = np.maximum(joined, 0)
    stays = random.exponential(150 * DAY, USERS).astype(np.int64)
    weekly = _zipf(random, USERS, 0.45) * random.gamma(2.0, 14.0, USERS)
    return pa.table(
        {
            "user_id": np.arange(1, USERS + 1),
            "signed_up_at": START + (joined // SECOND * SECOND).astype("timedelta64[us]"),
            "city": random.choice(CITIES, USERS, p=[0.3, 0.25, 0.2, 0.15, 0.1]),
            "first_us": first,
            "last_us": np.minimum(first + stays, span),
            "weekly": weekly,
        }
    )


def _user_versions(random: np.random.Generator, users: pa.Table) -> pa.Table:
    """The profile as it stood: one row at sign-up, and another when a user takes the paid plan or moves."""
    signed_up = users["signed_up_at"].to_numpy()
    city = users["city"].to_numpy(zero_copy_only=False)
    upgraded = np.flatnonzero(random.random(USERS) < 0.25)
    moved = np.flatnonzero(random.random(USERS) < 0.05)
    since = random.integers(1 * DAY, 200 * DAY, len(upgraded) + len(moved)) // SECOND * SECOND
    plan = np.array(["free"] * USERS + ["plus"] * len(upgraded) + ["free"] * len(moved))
    rows = np.concatenate([np.arange(USERS), upgraded, moved])
    updated = np.concatenate(
        [
            signed_up,
            signed_up[upgraded] + since[: len(upgraded)].astype("timedelta64[us]"),
            signed_up[moved] + since[len(upgraded) :].astype("timedelta64[us]"),
        ]
    )
    cities = np.concatenate([city, city[upgraded], random.choice(CITIES, len(moved))])
    kept = np.flatnonzero(updated < END)
    kept = kept[np.lexsort((rows[kept], updated[kept]))]
    return pa.table(
        {
            "user_id": users["user_id"].to_numpy()[rows][kept],
            "signed_up_at": _instants(signed_up[rows][kept]),
            "updated_at": _instants(updated[kept]),
            "city": cities[kept],
            "plan": plan[kept],
        }
    )


def _restaurants(random: np.random.Generator) -> pa.Table:
    opened = START - (random.integers(0, 900 * DAY, RESTAURANTS) // SECOND * SECOND).astype("timedelta64[us]")
    return pa.table(
        {
            "restaurant_id": np.arange(1, RESTAURANTS + 1),
            "opened_at": _instants(opened),
            "city": random.choice(CITIES, RESTAURANTS, p=[0.3, 0.25, 0.2, 0.15, 0.1]),
            "cuisine": random.choice(CUISINES, RESTAURANTS),
            "price_level": random.integers(1, 5, RESTAURANTS),
        }
    )


def _drivers(random: np.random.Generator) -> pa.Table:
    hired = START - (random.integers(0, 500 * DAY, DRIVERS) // SECOND * SECOND).astype("timedelta64[us]")
    return pa.table(
        {
            "driver_id": np.arange(1, DRIVERS + 1),
            "hired_at": _instants(hired),
            "city": random.choice(CITIES, DRIVERS, p=[0.3, 0.25, 0.2, 0.15, 0.1]),
            "vehicle": random.choice(np.array(["bicycle", "scooter", "car"]), DRIVERS, p=[0.5, 0.35, 0.15]),
        }
    )


def _orders(random: np.random.Generator, users: pa.Table, restaurants: pa.Table, drivers: pa.Table) -> pa.Table:
    """One row per order in the order of placing, with the instant of every step it will take (microseconds)."""
    demand = Demand.between(START, END)
    first, last = (demand.share(users[name].to_numpy()) for name in ("first_us", "last_us"))
    weeks = (users["last_us"].to_numpy() - users["first_us"].to_numpy()) / (7 * DAY)
    count = random.poisson(users["weekly"].to_numpy() * weeks)
    user = np.repeat(np.arange(USERS), count)
    placed = demand.instants(first[user] + random.random(len(user)) * (last - first)[user])
    order = np.lexsort((user, placed))
    user, placed = user[order], placed[order]
    rows = len(user)

    city = users["city"].to_numpy(zero_copy_only=False)[user]
    restaurant = _nearby(random, city, restaurants["city"].to_numpy(zero_copy_only=False), exponent=0.9)
    driver = _nearby(random, city, drivers["city"].to_numpy(zero_copy_only=False), exponent=0.4)
    slow = random.gamma(4.0, 0.25, RESTAURANTS)[restaurant]
    minute = 60 * SECOND
    accepted = placed + (random.gamma(2.0, 1.5, rows) * minute).astype(np.int64) + 20 * SECOND
    picked_up = accepted + (random.gamma(6.0, 2.5, rows) * slow * minute).astype(np.int64) + 3 * minute
    completed = picked_up + (random.gamma(5.0, 3.0, rows) * minute).astype(np.int64) + 2 * minute
    # A driver whose telephone lost its network reports the end hours later.
    completed += np.where(random.random(rows) < 0.006, random.integers(2 * HOUR, 20 * HOUR, rows), 0)
    cancelled = random.random(rows) < np.clip(0.02 + 0.05 * slow, 0, 0.5)
    level = restaurants["price_level"].to_numpy()[restaurant]
    items = 1 + random.poisson(1.6, rows)
    cents = (random.lognormal(6.5, 0.35, rows) * (0.6 + 0.25 * level) * items**0.7).astype(np.int64)
    return pa.table(
        {
            "order_id": np.arange(1, rows + 1),
            "user_id": users["user_id"].to_numpy()[user],
            "restaurant_id": restaurants["restaurant_id"].to_numpy()[restaurant],
            "driver_id": drivers["driver_id"].to_numpy()[driver],
            "placed": placed,
            "accepted": accepted // SECOND * SECOND,
            "picked_up": picked_up // SECOND * SECOND,
            "ended": np.where(cancelled, (accepted + picked_up) // 2, completed) // SECOND * SECOND,
            "cancelled": cancelled,
            "items": items,
            "cents": cents,
        }
    )


def _nearby(
    random: np.random.Generator, city: npt.NDArray[np.str_], places: npt.NDArray[np.str_], exponent: float
) -> Integers:
    """For each row the index of a place of the same city, some of them far more popular than others."""
    chosen = np.zeros(len(city), dtype=np.int64)
    for name in CITIES:
        here, there = np.flatnonzero(city == name), np.flatnonzero(places == name)
        weight = _zipf(random, len(there), exponent)
        chosen[here] = random.choice(there, len(here), p=weight / weight.sum())
    return chosen


def _status_changes(random: np.random.Generator, orders: pa.Table) -> pa.Table:
    """The orders as their service publishes them: the whole order again at each change of its status."""
    columns = {name: orders[name].to_numpy(zero_copy_only=False) for name in orders.column_names}
    cancelled = columns["cancelled"]
    everyone = np.arange(orders.num_rows)
    steps = (
        ("placed", columns["placed"], everyone),
        ("accepted", columns["accepted"], everyone),
        ("picked_up", columns["picked_up"], everyone[~cancelled]),
        ("completed", columns["ended"], everyone[~cancelled]),
        ("cancelled", columns["ended"], everyone[cancelled]),
    )
    row = np.concatenate([rows for _, _, rows in steps])
    updated = np.concatenate([times[rows] for _, times, rows in steps])
    status = np.concatenate([np.full(len(rows), name) for name, _, rows in steps])
    twice = np.flatnonzero(random.random(len(row)) < 0.01)  # the same message again, equal in every column
    row, updated, status = (np.concatenate([a, a[twice]]) for a in (row, updated, status))
    kept = np.flatnonzero(updated < int((END - START).astype(np.int64)))
    kept = kept[np.lexsort((row[kept], updated[kept]))]
    row, updated, status = row[kept], updated[kept], status[kept]
    placed = START + columns["placed"][row].astype("timedelta64[us]")
    return pa.table(
        {
            "order_id": columns["order_id"][row],
            "user_id": columns["user_id"][row],
            "restaurant_id": columns["restaurant_id"][row],
            "driver_id": pa.array(columns["driver_id"][row], mask=status == "placed"),
            "placed_at": _instants(placed),
            "updated_at": _instants(START + updated.astype("timedelta64[us]")),
            "status": status,
            "items": columns["items"][row],
            "amount": _money(columns["cents"][row]),
            "ds": pa.array(placed.astype("datetime64[D]"), pa.date32()),
        }
    )


def _sessions(random: np.random.Generator, orders: pa.Table) -> pa.Table:
    """Visits of the app: one before each order, and others that come to nothing; some loaded late, some twice."""
    placed = orders["placed"].to_numpy()
    span = int((END - START).astype(np.int64))
    idle = random.integers(0, len(placed), len(placed))
    user = np.concatenate([orders["user_id"].to_numpy(), orders["user_id"].to_numpy()[idle]])
    seconds = random.gamma(2.0, 150.0, len(user)).astype(np.int64) + 5
    started = np.concatenate([placed, np.abs(placed[idle] + random.integers(-3 * DAY, 3 * DAY, len(idle)))])
    started = np.clip(started - seconds * SECOND, 0, span - SECOND) // SECOND * SECOND
    order = np.lexsort((user, started))
    user, started, seconds = user[order], started[order], seconds[order]
    loaded = _loaded(random, started + seconds * SECOND, late=0.02, longest=26 * HOUR)
    device = random.choice(np.array(["ios", "android", "web"]), len(user), p=[0.45, 0.4, 0.15])
    row = np.arange(len(user))
    twice = np.flatnonzero(random.random(len(user)) < 0.01)
    row, loaded = np.concatenate([row, twice]), np.concatenate([loaded, loaded[twice] + 90 * SECOND])
    kept = np.flatnonzero(loaded < span)
    kept = kept[np.lexsort((row[kept], loaded[kept]))]
    row, loaded = row[kept], loaded[kept]
    return pa.table(
        {
            "session_id": row + 1,
            "user_id": user[row],
            "started_at": _instants(START + started[row].astype("timedelta64[us]")),
            "loaded_at": _instants(START + loaded.astype("timedelta64[us]")),
            "seconds": seconds[row],
            "device": device[row],
        }
    )


def _ratings(random: np.random.Generator, orders: pa.Table) -> pa.Table:
    """What users said of a completed order: slow kitchens and slow rides cost stars."""
    rated = np.flatnonzero(
        (random.random(orders.num_rows) < 0.35) & ~orders["cancelled"].to_numpy(zero_copy_only=False)
    )
    placed, picked_up, ended = (orders[name].to_numpy()[rated] for name in ("placed", "picked_up", "ended"))
    food = np.clip(np.round(5.2 - (picked_up - placed) / (25 * 60 * SECOND) + random.normal(0, 0.8, len(rated))), 1, 5)
    ride = np.clip(np.round(5.3 - (ended - picked_up) / (25 * 60 * SECOND) + random.normal(0, 0.7, len(rated))), 1, 5)
    at = ended + (random.exponential(3.0, len(rated)) * HOUR).astype(np.int64) // SECOND * SECOND
    loaded = _loaded(random, at, late=0.01, longest=10 * HOUR)
    kept = np.flatnonzero(loaded < int((END - START).astype(np.int64)))
    kept = kept[np.lexsort((rated[kept], loaded[kept]))]
    return pa.table(
        {
            "order_id": orders["order_id"].to_numpy()[rated][kept],
            "user_id": orders["user_id"].to_numpy()[rated][kept],
            "restaurant_id": orders["restaurant_id"].to_numpy()[rated][kept],
            "driver_id": orders["driver_id"].to_numpy()[rated][kept],
            "rated_at": _instants(START + at[kept].astype("timedelta64[us]")),
            "loaded_at": _instants(START + loaded[kept].astype("timedelta64[us]")),
            "food_stars": food[kept].astype(np.int64),
            "ride_stars": ride[kept].astype(np.int64),
        }
    )


def _loaded(random: np.random.Generator, at: Integers, late: float, longest: int) -> Integers:
    """When a row reached the platform: mostly within seconds, a share of them hours late."""
    delay = (random.lognormal(1.5, 0.8, len(at)) * SECOND).astype(np.int64)
    delay += np.where(random.random(len(at)) < late, random.integers(HOUR, longest, len(at)), 0)
    return at + delay // SECOND * SECOND


def _labels(name: str, out: Path) -> int:
    """Run `demo/marketplace/<name>.sql` over the orders; returns the number of labelled rows."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    connection.read_parquet(str(out / "orders" / "*.parquet")).create_view("orders")
    target = out / "labels" / f"{name}.parquet"
    target.parent.mkdir(exist_ok=True)
    connection.sql((LABELS / f"{name}.sql").read_text()).write_parquet(str(target), compression="zstd")
    return int(connection.execute("SELECT COUNT(*) FROM read_parquet($1)", [str(target)]).fetchall()[0][0])


def _instants(times: Instants) -> pa.Array:
    return pa.array(times.astype("datetime64[us]").astype(np.int64), pa.int64()).cast(pa.timestamp("us", tz="UTC"))


def _money(cents: Integers) -> pa.Array:
    """Cents as a decimal of two places, without a float on the way."""
    return pc.multiply(pa.array(cents).cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.01"))).cast(
        pa.decimal128(12, 2)
    )


if __name__ == "__main__":
    for table_name, rows in prepare(Path(sys.argv[1])).items():
        print(f"  {sys.argv[1]}/{table_name}.parquet: {rows:,} rows", file=sys.stderr)
