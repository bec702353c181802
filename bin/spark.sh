# Builds what runs Spark from Maven's class path: source it after bin/common.sh and call prepare_spark.

EXAMPLE=$ROOT/examples/dates
SPARK_JAR=$ROOT/spark-plugin/target/lockstep-spark_2.13-0.1.0-SNAPSHOT-all.jar
SPARK_PATH=$EXAMPLE/target/spark-classpath.txt
DOWNLOAD_MB=580

# Builds the plugin and resolves Spark where they are missing or old, and writes all that Java needs to run Spark with
# Lockstep, for other programs too: java @examples/dates/target/java.args ...
prepare_spark() {
    build=no
    stale "$SPARK_JAR" "$ROOT/core/src/main" "$ROOT/core/pom.xml" "$ROOT/spark-plugin/src/main" \
        "$ROOT/spark-plugin/pom.xml" "$ROOT/pom.xml" && build=yes
    resolve=no
    { stale "$SPARK_PATH" "$EXAMPLE/pom.xml" || ! jars_present "$SPARK_PATH"; } && resolve=yes
    if [ $build = yes ] || [ $resolve = yes ]; then
        echo "Building what is missing. A Maven repository that is empty needs about $DOWNLOAD_MB MB from Maven" \
            "Central, most of it Spark; a filled one, nothing."
    fi
    if [ $build = yes ]; then
        ./mvnw -q -B -pl core,spark-plugin -Dmaven.test.skip=true package || die "the build failed, see above"
        touch "$SPARK_JAR"
    fi
    if [ $resolve = yes ]; then
        ./mvnw -q -B -f "$EXAMPLE/pom.xml" dependency:build-classpath || die "Spark could not be resolved, see above"
        touch "$SPARK_PATH"
    fi
    mkdir -p "$EXAMPLE/target"
    {
        printf '%s\n' $JAVA_FLAGS $SPARK_OPENS
        printf '"%s"\n' "-Dlog4j2.configurationFile=$EXAMPLE/log4j2.properties"
        printf '%s\n"%s"\n' -cp "$EXAMPLE/target:$(cat "$SPARK_PATH"):$SPARK_JAR"
    } >"$EXAMPLE/target/java.args"
}
