/** The intrinsics are core's; the local stack reads templates through them. */
export { resolve, type Scope, TemplateError } from '../../core/template/intrinsics.ts';
