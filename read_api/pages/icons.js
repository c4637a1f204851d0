// Pictures of one line each, drawn in a square of 24.
import { svg } from "./dom.js";

const PATHS = {
  answer: "M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1",
  back: "m15 5-7 7 7 7",
  bolt: "M13 3 5 14h6l-1 7 8-11h-6z",
  caret: "m7 10 5 5 5-5",
  check: "m5 12.500 4.500 4.500L19 7.500",
  clip: "m20 11-8.500 8.500a5 5 0 0 1-7-7L13 4a3.300 3.300 0 0 1 4.700 4.700L9.500 17a1.700 1.700 0 0 1-2.400-2.400L14.500 7",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  close: "m6 6 12 12M18 6 6 18",
  down: "M12 5v14m-6-6 6 6 6-6",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  filter: "M4 6h16M7 12h10m-7 6h4",
  flag: "M6 21V4h12l-2.500 4 2.500 4H6",
  glass: "M7 3h10M7 21h10M8 3c0 8 8 9 8 18m0-18c0 8-8 9-8 18",
  note: "M6 3h9l4 4v14H6zm3 8h7m-7 4h5",
  phone: "M5 4h4l2 5-2.500 2a12 12 0 0 0 5 5l2-2.500 5 2v4C11 20.500 4 14 5 4z",
  play: "M8 5v14l11-7z",
  plus: "M12 5v14M5 12h14",
  reopen: "M4.500 12a7.500 7.500 0 1 0 2.700-5.700M4 4v4.500h4.500",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 4.500 4.500",
  send: "M4 11.500 20 4l-6 16-3-6.500z",
  tag: "M4 4h8l8 8-8 8-8-8zm4.500 4.500v.01",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7 8c.600-4 3.500-6 7-6s6.400 2 7 6",
  users: "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19c.500-3.400 3.200-5 6.500-5s6 1.600 6.500 5M16 5a3.300 3.300 0 0 1 0 6.300M18 14.500c2 .700 3.200 2.200 3.500 4.500",
};

export const icon = (name) => svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 24 24", width: 18, height: 18, "aria-hidden": "true" },
  svg("path", { d: PATHS[name] }));
