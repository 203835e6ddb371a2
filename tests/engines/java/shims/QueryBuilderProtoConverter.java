package org.opensearch.transport.grpc.spi;

/** Stands for a type of a module that is not published apart; the k-NN plugin only names it. */
public interface QueryBuilderProtoConverter { }
