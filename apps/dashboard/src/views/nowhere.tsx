import { Empty } from '../parts/notices.js';

/** An address of this page that leads nowhere. */
export function NowhereView({ path }: { readonly path: string }) {
  return (
    <section class="view">
      <h1>Nothing here</h1>
      <Empty title={`There is no ${path}`}>
        There are the <a href="#/">market</a>, <a href="#/movers">movers</a>, <a href="#/sources">sources</a> and{' '}
        <a href="#/seeding">seeding</a>.
      </Empty>
    </section>
  );
}
