# Shared by the scripts of this folder: source it after setting ROOT to the repository's folder.

# Prints what went wrong to standard error and ends the script with status 2.
die() {
    echo "$(basename "$0"): $*" >&2
    exit 2
}

# Sets JAVA to a Java of version 17 or newer: JAVA_HOME's, else the one on the PATH.
require_java() {
    JAVA=java
    if [ -n "${JAVA_HOME:-}" ]; then
        JAVA=$JAVA_HOME/bin/java
    fi
    command -v "$JAVA" >/dev/null 2>&1 ||
        die "no Java found as '$JAVA': install a JDK 17 or newer and set JAVA_HOME to its folder"
    JAVA_VERSION=$("$JAVA" -XshowSettings:properties -version 2>&1 |
        sed -n 's/^ *java\.specification\.version = *//p')
    case $JAVA_VERSION in
    1.*) major=${JAVA_VERSION#1.} ;;
    *) major=$JAVA_VERSION ;;
    esac
    [ "${major:-0}" -ge 17 ] 2>/dev/null ||
        die "'$JAVA' is Java ${JAVA_VERSION:-of an unknown version}, 17 or newer is needed: set JAVA_HOME to a JDK 17"
    # Warnings of newer versions about native libraries, which older ones do not know the switch for.
    JAVA_FLAGS="--add-modules jdk.incubator.vector"
    if [ "$major" -ge 22 ]; then
        JAVA_FLAGS="$JAVA_FLAGS --enable-native-access=ALL-UNNAMED"
    fi
}

# Like require_java, and sets JAVA_COMPILER to the compiler beside it, which Maven needs too.
require_jdk() {
    require_java
    home=$("$JAVA" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = *//p')
    JAVA_COMPILER=$home/bin/javac
    [ -x "$JAVA_COMPILER" ] ||
        die "'$JAVA' in $home is a Java runtime without a compiler: install a JDK 17 and set JAVA_HOME to its folder"
}

# True when FILE is older than any of the other files, or than any file in the other folders, or missing.
stale() {
    file=$1
    shift
    [ ! -f "$file" ] || [ -n "$(find "$@" -type f -newer "$file" | head -n 1)" ]
}

# True when every jar of the class path that FILE holds is there.
jars_present() {
    [ -f "$1" ] || return 1
    tr ':' '\n' <"$1" | while read -r jar || [ -n "$jar" ]; do
        [ -e "$jar" ] || exit 1
    done
}

# What Spark needs to see of Java's own modules, as its launcher gives it.
SPARK_OPENS=""
for package in java.base/java.lang java.base/java.lang.invoke java.base/java.lang.reflect java.base/java.io \
    java.base/java.net java.base/java.nio java.base/java.util java.base/java.util.concurrent \
    java.base/java.util.concurrent.atomic java.base/jdk.internal.ref java.base/sun.nio.ch java.base/sun.nio.cs \
    java.base/sun.security.action java.base/sun.util.calendar java.security.jgss/sun.security.krb5; do
    SPARK_OPENS="$SPARK_OPENS --add-opens=$package=ALL-UNNAMED"
done
