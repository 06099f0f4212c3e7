/** Reasons of a verdict, each as its judge wrote it. */
export function Reasons({ reasons }: { readonly reasons: readonly string[] }) {
  if (reasons.length === 0) return null;
  return (
    <ul class="reasons">
      {reasons.map((reason) => (
        <li class="outside">{reason}</li>
      ))}
    </ul>
  );
}
