import { it } from "vitest";
it("leaves a rejection behind", () => { Promise.reject(new Error("late")); });
