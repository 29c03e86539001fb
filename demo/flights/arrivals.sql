-- One row per flight that reached its destination: nothing of it is known before `landed_at`.
--
-- A diverted flight came in by way of another airport: it has a landing, and no `arr_delay` of its own.
SELECT
    flight_id,
    scheduled_at,
    landed_at,
    carrier,
    tail_number,
    origin,
    dest,
    CASE WHEN arr_delay IS NULL THEN 'diverted' ELSE 'landed' END AS status,
    arr_delay,
    air_time,
    distance
FROM scheduled
WHERE landed_at IS NOT NULL
ORDER BY scheduled_at, flight_id
