import { databaseKinds } from "../testing/database.ts";
import { testSeeds } from "./seeds.ts";

testSeeds(databaseKinds.pglite, 1);
