#!/usr/bin/env bash
# More and more short rows through Spark: a driver and an executor as processes of their own, each with a small heap.
#
#   bin/bench scale [--rows 1000,10000,100000] [--heap 512m] [--output benchmarks/results]
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
. "$ROOT/bin/common.sh"
. "$ROOT/bin/spark.sh"
cd "$ROOT"

rows=1000,10000,100000
heap=512m
output=$ROOT/benchmarks/results
while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || die "$1 needs a value"
    case $1 in
    --rows) rows=$2 ;;
    --heap) heap=$2 ;;
    --output) output=$2 ;;
    *) die "no option $1, expected --rows, --heap or --output" ;;
    esac
    shift 2
done
require_jdk
prepare_spark
work=$ROOT/benchmarks/target/scale
mkdir -p "$work/classes" "$work/home" "$output"
"$JAVA_COMPILER" --release 17 -d "$work/classes" -cp "$(cat "$SPARK_PATH"):$SPARK_JAR" \
    "$ROOT"/benchmarks/scale/*.java || die "benchmarks/scale does not compile, see above"

# A cluster on one machine asks for Spark's home, where nothing is needed: all comes by the class path.
export SPARK_LOCAL_IP=127.0.0.1 SPARK_HOME=$work/home SPARK_TESTING=1 SPARK_SCALA_VERSION=2.13
exec "$JAVA" @"$EXAMPLE/target/java.args" "-Xmx$heap" \
    "-Dscale.classpath=$work/classes:$(cat "$SPARK_PATH"):$SPARK_JAR" "-Dscale.javaOptions=$JAVA_FLAGS $SPARK_OPENS" \
    "-Dspark.test.home=$work/home" -cp "$work/classes:$EXAMPLE/target:$(cat "$SPARK_PATH"):$SPARK_JAR" \
    Scale "$EXAMPLE" "$rows" "$heap" "$work" "$output"
