-- One row per hour and origin airport: what the airport's weather station reported for that hour, in UTC.
SELECT
    origin AS station,
    time_hour AS observed_at,
    temp AS temperature_f,
    dewp AS dew_point_f,
    humid AS humidity,
    wind_dir AS wind_direction,
    wind_speed AS wind_speed_mph,
    wind_gust AS wind_gust_mph,
    precip AS precipitation_in,
    pressure AS pressure_mb,
    visib AS visibility_mi
FROM weather
ORDER BY observed_at, station
