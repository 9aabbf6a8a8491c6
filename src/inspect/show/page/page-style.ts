import { baseStyle } from "./style-base.ts";
import { sectionStyle } from "./style-sections.ts";
import { timelineStyle } from "./style-timeline.ts";

/** The style of the page: one column of text, the state of a task by its colour. */
export const pageStyle: string = baseStyle + sectionStyle + timelineStyle;
