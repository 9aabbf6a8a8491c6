import { baseStyle } from "./style-base.ts";
import { sectionStyle } from "./style-sections.ts";
import { timelineStyle } from "./style-timeline.ts";

/** The style of the page: one column of text; colours show the states of tasks. */
export const pageStyle: string = baseStyle + sectionStyle + timelineStyle;
