package org.opensearch.protobufs;

/** Stands for a type of a module that is not published apart; the k-NN plugin only names it. */
public class QueryContainer {
    /** As above. */
    public enum QueryContainerCase { KNN }
}
