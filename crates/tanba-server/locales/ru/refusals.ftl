# What the registry says no with, where no area has words of its own.
conflict-this-client-key-was-used-for-a-different-specimen = Эта форма уже отправлена для другого образца. Откройте страницу заново.
not-found-specimen = Такого образца нет.
not-found-station = Такой станции нет.
problem-not-yet-lawful = Снимать отпечатки ещё нельзя: не хватает того, чего требует закон.
problem-must-not-register = Закон запрещает регистрировать этого человека.
invalid-ppi = Укажите разрешение в точках на дюйм, например 500.
invalid-finger = Укажите, какой это палец.
invalid-scope = Этот сеанс открыт не на рабочей станции, и своего места у него нет: войдите с кодом станции.
