package dev.lockstep.spark.interop;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import scala.Function1;
import scala.PartialFunction;
import scala.collection.immutable.Map;
import scala.collection.immutable.Map$;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;

/** Scala's collections and functions as Java writes them. */
public final class Scala {
    private Scala() {}

    /** A function that Spark can ship to executors. */
    public interface SerializableFunction2<A, B, C> extends scala.Function2<A, B, C>, Serializable {}

    @SuppressWarnings("unchecked")
    public static <T> Seq<T> seq(List<? extends T> list) {
        return (Seq<T>) CollectionConverters.asScala(new ArrayList<>(list)).toSeq();
    }

    @SafeVarargs
    public static <T> Seq<T> seqOf(T... values) {
        return seq(List.of(values));
    }

    /** A fresh mutable copy. */
    public static <T> List<T> list(scala.collection.Seq<? extends T> seq) {
        return new ArrayList<>(CollectionConverters.asJava(seq));
    }

    @SuppressWarnings("unchecked")
    public static <K, V> Map<K, V> map(java.util.Map<K, V> map) {
        return (Map<K, V>) Map$.MODULE$.from(CollectionConverters.asScala(map));
    }

    public static <T> ClassTag<T> tag(Class<T> type) {
        return ClassTag$.MODULE$.apply(type);
    }

    /** A rule that is not defined where {@code rule} returns null. */
    public static <A, B> PartialFunction<A, B> where(Function<A, B> rule) {
        return new WhereNotNull<>(rule);
    }

    private static final class WhereNotNull<A, B> extends AbstractPartialFunction<A, B> {
        private static final long serialVersionUID = 1;
        private final transient Function<A, B> rule;

        WhereNotNull(Function<A, B> rule) {
            this.rule = rule;
        }

        @Override
        public boolean isDefinedAt(A argument) {
            return rule.apply(argument) != null;
        }

        @Override
        @SuppressWarnings("unchecked")
        public <A1 extends A, B1> B1 applyOrElse(A1 argument, Function1<A1, B1> otherwise) {
            B1 result = (B1) rule.apply(argument);
            return result != null ? result : otherwise.apply(argument);
        }
    }
}
