import { z } from 'zod';

const Parameters = z
  .array(
    z
      .object({
        parameters: z.array(z.object({ name: z.string(), value: z.unknown() }).partial()).nullish(),
      })
      .nullish(),
  )
  .nullish();

/** A queue item; of the answer only ids, times and texts are used, never a URL. */
export const QueueItem = z.object({
  id: z.number().int().nonnegative(),
  inQueueSince: z.number().nullish(),
  why: z.string().nullish(),
  cancelled: z.boolean().nullish(),
  executable: z.object({ number: z.number().int().positive() }).nullish(),
  task: z.object({ fullName: z.string() }).partial().nullish(),
  actions: Parameters,
});
export type QueueItem = z.infer<typeof QueueItem>;
export const itemTree =
  'id,inQueueSince,why,cancelled,executable[number],task[fullName],actions[parameters[name,value]]';

export const Build = z.object({
  number: z.number().int().positive(),
  queueId: z.number().int().nullish(),
  building: z.boolean(),
  /** Newer than `building`: false only when everything after the build is done too. */
  inProgress: z.boolean().nullish(),
  result: z.string().nullish(),
  duration: z.number().nullish(),
  description: z.string().nullish(),
  artifacts: z.array(z.object({ relativePath: z.string() })).nullish(),
  actions: Parameters,
});
export type Build = z.infer<typeof Build>;
export const buildTree =
  'number,queueId,building,inProgress,result,duration,description,actions[parameters[name,value]]';

/** Was it started with this execution id? */
export const carries = (
  { actions }: Pick<QueueItem, 'actions'>,
  parameter: string,
  executionId: string,
): boolean =>
  (actions ?? []).some((action) =>
    (action?.parameters ?? []).some(({ name, value }) => name === parameter && value === executionId),
  );
