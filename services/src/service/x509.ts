// x509 reads metadata of its classes while it loads: the polyfill has to come first, so this is its only door.
import "reflect-metadata";

export * from "@peculiar/x509";
