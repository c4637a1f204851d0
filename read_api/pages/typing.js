// Tells the customer that somebody writes: seldom, and never mind the answer.
import { post, Refused } from "./api.js";

const EVERY_MS = 5000;
let told = 0;
let known = true;

export async function typing(conversation) {
  if (!known || Date.now() - told < EVERY_MS) return;
  told = Date.now();
  try {
    await post(`/v1/conversations/${conversation}/typing`);
  } catch (error) {
    if (error instanceof Refused && [403, 404, 405].includes(error.status)) known = false;
  }
}
