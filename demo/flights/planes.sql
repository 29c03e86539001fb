-- One row per plane of the aviation registry. The package holds one snapshot of the registry and no dates of change;
-- it is taken as recorded on 1 January 2013, before the first flight.
SELECT
    tailnum AS tail_number,
    TIMESTAMPTZ '2013-01-01 00:00:00+00' AS recorded_at,
    year AS built_year,
    type AS kind,
    manufacturer,
    model,
    engines,
    engine AS engine_kind,
    seats
FROM planes
ORDER BY tail_number
