import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.js';
import { reloadStalePage } from './app/stale-page.js';
import { applyTheme } from './app/theme.js';
import './design/styles.css';

applyTheme();
reloadStalePage();
const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
