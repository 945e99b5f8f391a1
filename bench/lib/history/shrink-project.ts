import type { RecordedProject } from './project.ts';

/** Every `nth` package and all of the program itself, with modules that are as much smaller: its history takes seconds. */
export function shrinkProject(project: RecordedProject, nth: number): RecordedProject {
  const kept = project.packages.flatMap(({ module }, at) => (module === 'main' || at % nth === 0 ? [at] : []));
  const places = new Map(kept.map((at, place) => [at, place]));
  const used = new Set(kept.map((at) => project.packages[at]?.module).filter((module) => typeof module === 'number'));
  const modules = [...used].toSorted((a, b) => a - b);
  const moved = (list: readonly number[]): readonly number[] => list.flatMap((at) => places.get(at) ?? []);
  return {
    ...project,
    modules: modules
      .flatMap((at) => project.modules[at] ?? [])
      .map((one) => ({ ...one, zip: [Math.ceil(one.zip[0] / nth) + 500, Math.ceil(one.zip[1] / nth) + 500] })),
    packages: kept
      .flatMap((at) => project.packages[at] ?? [])
      .map((one) => ({
        ...one,
        module: typeof one.module === 'number' ? modules.indexOf(one.module) : one.module,
        imports: moved(one.imports),
        mentions: moved(one.mentions),
      })),
  };
}
