-- One row per scheduled flight: whether and how late it left, and when that was known.
--
-- A departure is known when it happens, but never before the scheduled time, which is the event's own: a flight that
-- pushes back early is recorded with its schedule. The file does not say when a cancellation was announced; it is taken
-- as known two hours after the scheduled departure, later than most are, so that no model learns from the future.
-- `scheduled_local` is New York's clock, without a zone, as airlines publish it.
SELECT
    flight_id,
    scheduled_local,
    greatest(scheduled_at, coalesce(departed_at, scheduled_at + INTERVAL 2 HOURS)) AS recorded_at,
    carrier,
    flight_number,
    tail_number,
    origin,
    dest,
    CASE WHEN departed_at IS NULL THEN 'cancelled' ELSE 'departed' END AS status,
    dep_delay,
    distance
FROM scheduled
ORDER BY scheduled_at, flight_id
