-- One row per scheduled flight, with its instants in UTC.
--
-- The file gives clock times: departures on the clock of New York, arrivals on the clock of the destination. Two facts
-- make instants of them. All three origins keep New York's time, so the scheduled departure is that zone's clock; the
-- actual one is `dep_delay` minutes later. An arrival is the first time after the departure at which the destination's
-- clock shows the given hour and minute. Where the file gives `arr_delay`, the scheduled arrival plus the delay is used
-- in place of the clock time, which names two instants in the hour that daylight saving repeats.
CREATE OR REPLACE TABLE scheduled AS
WITH zones AS (
    SELECT
        faa AS airport,
        tzone AS zone
    FROM airports
    WHERE tzone IS NOT NULL
    UNION ALL
    -- Caribbean destinations that the package's airports leave out.
    VALUES
        ('BQN', 'America/Puerto_Rico'),
        ('PSE', 'America/Puerto_Rico'),
        ('SJU', 'America/Puerto_Rico'),
        ('STT', 'America/St_Thomas')
),

departures AS (
    SELECT
        flights.*,
        zones.zone,
        make_timestamp(year, month, day, sched_dep_time // 100, sched_dep_time % 100, 0) AS scheduled_local,
        scheduled_local AT TIME ZONE 'America/New_York' AS scheduled_at,
        scheduled_at + to_minutes(dep_delay) AS departed_at
    FROM flights
    INNER JOIN zones ON flights.dest = zones.airport
),

clocks AS (
    SELECT
        *,
        date_trunc('day', scheduled_at AT TIME ZONE zone)
        + to_minutes(sched_arr_time // 100 * 60 + sched_arr_time % 100) AS scheduled_arrival_clock,
        date_trunc('day', departed_at AT TIME ZONE zone)
        + to_minutes(arr_time // 100 * 60 + arr_time % 100) AS arrival_clock
    FROM departures
),

instants AS (
    SELECT
        *,
        CASE
            WHEN scheduled_arrival_clock AT TIME ZONE zone < scheduled_at
                THEN (scheduled_arrival_clock + INTERVAL 1 DAY) AT TIME ZONE zone
            ELSE scheduled_arrival_clock AT TIME ZONE zone
        END AS scheduled_arrival_at,
        CASE
            -- No flight of this file is shorter than 20 minutes.
            WHEN arrival_clock AT TIME ZONE zone < departed_at + to_minutes(coalesce(air_time, 20))
                THEN (arrival_clock + INTERVAL 1 DAY) AT TIME ZONE zone
            ELSE arrival_clock AT TIME ZONE zone
        END AS clocked_arrival_at
    FROM clocks
)

SELECT
    row_number() OVER (ORDER BY scheduled_at, carrier, flight, origin) AS flight_id,
    scheduled_local,
    scheduled_at,
    departed_at,
    scheduled_arrival_at,
    coalesce(scheduled_arrival_at + to_minutes(arr_delay), clocked_arrival_at) AS landed_at,
    carrier,
    flight AS flight_number,
    tailnum AS tail_number,
    origin,
    dest,
    dep_delay,
    arr_delay,
    air_time,
    distance
FROM instants;
