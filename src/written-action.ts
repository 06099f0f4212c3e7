/** An action as a person writes it, JSON. Shared by all who ask people. */
import { type Action, actionSchema } from './types.ts';

/** @returns the action, or why it is none. */
export function readWrittenAction(text: string): Action | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'That is no JSON';
  }
  const parsed = actionSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  return `That is no action: ${parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')}`;
}
