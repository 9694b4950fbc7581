import { QueryCache, MutationCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { isPassing } from '@api/client/transport.js';
import { isSignedOut } from '../api/client.js';
import { sessionQuery } from '../api/queries.js';
import { askEarly } from './ask-early.js';
import { router } from './router.js';
import { SessionContext } from './session-context.js';
import { SignIn } from './sign-in.js';

/** Whatever finds that nobody is signed in any more leads to the page where one signs in. */
function endSessionOn(error: unknown): void {
  if (isSignedOut(error)) queryClient.setQueryData(sessionQuery.queryKey, null);
}

const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: endSessionOn }),
  mutationCache: new MutationCache({ onError: endSessionOn }),
  defaultOptions: { queries: { retry: (count, error) => isPassing(error) && count < 3 } },
});

askEarly(queryClient);

export function App(): ReactNode {
  return (
    <QueryClientProvider client={queryClient}>
      <SignedIn />
    </QueryClientProvider>
  );
}

function SignedIn(): ReactNode {
  const { data: session, isPending } = useQuery(sessionQuery);
  if (isPending) return null;
  if (session === null || session === undefined) return <SignIn />;
  return (
    <SessionContext value={session}>
      <RouterProvider router={router} />
    </SessionContext>
  );
}
