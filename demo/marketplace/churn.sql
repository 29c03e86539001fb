-- The spine of the churn model: on Mondays, every user with a completed order in the last four weeks, and whether the
-- next four weeks bring none.
WITH mondays AS (
    SELECT unnest(
        generate_series(TIMESTAMPTZ '2013-09-02', TIMESTAMPTZ '2013-12-02', INTERVAL 7 DAYS)
    ) AS label_time
),

completed AS (
    SELECT DISTINCT
        order_id,
        user_id,
        placed_at
    FROM orders
    WHERE status = 'completed'
)

SELECT
    completed.user_id,
    mondays.label_time,
    count(*) FILTER (WHERE completed.placed_at >= mondays.label_time) = 0 AS churned
FROM mondays
INNER JOIN completed
    ON completed.placed_at >= mondays.label_time - INTERVAL 28 DAYS
    AND completed.placed_at < mondays.label_time + INTERVAL 28 DAYS
GROUP BY ALL
HAVING count(*) FILTER (WHERE completed.placed_at < mondays.label_time) > 0
ORDER BY mondays.label_time, completed.user_id
