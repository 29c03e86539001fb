-- The spine: one row per flight that arrived, asked at its scheduled departure, with what came of it.
--
-- `late_15`: it came to the gate 15 minutes or more behind its schedule. Cancelled and diverted flights have no arrival
-- delay and so no label. The columns before the label are in the timetable, so a model may use them too.
SELECT
    flight_id,
    scheduled_at,
    tail_number,
    carrier,
    origin AS airport,
    origin,
    dest,
    distance,
    hour(scheduled_local)::INTEGER AS scheduled_hour,
    isodow(scheduled_local)::INTEGER AS scheduled_weekday,
    date_diff('minute', scheduled_at, scheduled_arrival_at)::INTEGER AS scheduled_minutes,
    arr_delay >= 15 AS late_15
FROM scheduled
WHERE arr_delay IS NOT NULL
ORDER BY scheduled_at, flight_id
