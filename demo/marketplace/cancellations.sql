-- The spine of the order-risk model: every order since September at the instant of its placing, and whether it ended
-- in a cancellation.
SELECT
    order_id,
    user_id,
    restaurant_id,
    placed_at,
    bool_or(status = 'cancelled') AS cancelled
FROM orders
WHERE placed_at >= TIMESTAMPTZ '2013-09-01'
GROUP BY ALL
HAVING bool_or(status IN ('completed', 'cancelled'))
ORDER BY placed_at, order_id
