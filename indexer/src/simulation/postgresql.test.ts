import { databaseKinds } from "../testing/database.ts";
import { testSeeds } from "./seeds.ts";

testSeeds(databaseKinds.postgresql, 1 / 4);
