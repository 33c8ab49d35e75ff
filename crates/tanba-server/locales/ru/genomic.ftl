desk-genomic = Геномная регистрация
genomic-title = Геномная регистрация
genomic-desk-empty-heading = Вас ничего не ждёт
genomic-desk-empty = Здесь появляются совпадения, предложенные опознания, поиски, которым нужна санкция, и задержанные следы, когда нужны именно вы. Кто внёс образец, о нём не решает.
genomic-hits = Совпадения
genomic-hits-lead = Каждое совпадение смотрят два эксперта, и ни один не знает вывода другого. Подтверждено только то, в чём сошлись оба.
genomic-col-hit = Совпадение
genomic-col-method = Найдено
genomic-col-since = Ждёт с
genomic-hit-n = Совпадение { $text }
genomic-proposal-n = Опознание { $text }
genomic-request-n = Поиск { $text }
genomic-specimen-n = образец { $text }
genomic-method-rule = тот же профиль
genomic-method-lineage = маркеры линии
genomic-method-likelihood-ratio = отношение правдоподобия
genomic-proposals = Предложенные опознания
genomic-proposals-lead = Тело и пропавший человек остаются порознь, пока два эксперта не придут к выводу, что это одно лицо.
genomic-a-withdrawal = отмена
genomic-to-sanction = Поиски родственников, ждущие санкции
genomic-to-sanction-lead = Эксперт запрашивает, решаете вы — видя, сколько посторонних людей покажет поиск.
genomic-to-make = Разрешённые поиски
genomic-to-make-lead = Каждый можно провести один раз, в течение недели после санкции.
genomic-held = Задержанные следы
genomic-held-lead = Они совпали с профилем лаборатории или со следом другого дела из той же партии. Пока вы не решите, по ним не ищут.
genomic-next = Открыть следующее
genomic-others = Об этом решают другие
genomic-waits-for-sanction = ждёт санкции другого сотрудника
genomic-cases = Открытые дела вашей организации
genomic-cases-empty = Дел пока нет. Каждый образец относится к делу: сначала откройте его.
genomic-case-hint = Уже известный номер откроет то же самое дело.
genomic-bar-own-specimen = один из образцов внесли вы, решают другие
genomic-bar-own-profile = один из профилей ваш собственный, решают другие
genomic-bar-own-proposal = предложили вы, решают другие
genomic-bar-same-examiner = ваш вывод сделан; не хватает вывода другого эксперта
genomic-case-title = Дело
genomic-to-desk = К рабочему столу
genomic-back = Назад
genomic-open-case = Открыть дело
genomic-open-hit = Открыть совпадение
genomic-open-identification = Открыть опознание
genomic-register = Зарегистрировать образец
genomic-search = Искать
genomic-relatives = Искать родственников
genomic-propose = Предложить опознание
genomic-specimens = Образцы
genomic-specimens-empty = В этом деле ещё нет образцов. Начните с первого.
genomic-specimen = Образец
genomic-label = Метка
genomic-category = Группа
genomic-typed = Определено
genomic-state = Состояние
genomic-kept-until = Хранится до
genomic-loci =
    { $n ->
        [one] { $n } локус
        [few] { $n } локуса
       *[other] { $n } локусов
    }
genomic-y-loci =
    { $n ->
        [one] { $n } локус Y
        [few] { $n } локуса Y
       *[other] { $n } локусов Y
    }
genomic-with-mitochondrial = митохондриальная ДНК
genomic-with-snps = SNP: { $n }
genomic-state-active = в реестре
genomic-state-held = задержан: возможно загрязнение
genomic-specimen-state-blocked = заблокирован
genomic-specimen-state-withdrawn = изъят
genomic-case-hits = Совпадения этого дела
genomic-case-proposals = Опознания в этом деле
genomic-outcome-open = ещё не решено
genomic-outcome-confirmed = подтверждено
genomic-outcome-rejected = не подтвердилось
genomic-outcome-inconclusive = сказать нельзя
genomic-outcome-void = недействительно: образец загрязнён
genomic-outcome-withdrawn = отменено
genomic-category-convicted-person = осуждённый
genomic-category-unidentified-person = неустановленный человек
genomic-category-unidentified-body = неопознанное тело
genomic-category-relative-of-missing = родственник пропавшего
genomic-category-crime-stain = след с места преступления
genomic-category-missing-person-reference = собственный образец пропавшего
genomic-category-elimination = профиль лаборатории (сотрудники, посетители, реактивы)
genomic-register-title = Регистрация образца
genomic-register-lead = Хранить можно только локусы, разрешённые законом. Один лишний локус — отказ всему образцу, и ничего из него не сохраняется.
genomic-what = Что это
genomic-batch = Партия
genomic-batch-hint = (код лаборатории: с чем вместе обрабатывали)
genomic-facts = Чего требует закон
genomic-facts-hint = Укажите то, что верно для этой группы. Если чего-то не хватает, закон скажет об этом, и регистрации не будет.
genomic-not-stated = не указано
genomic-offence = Преступление
genomic-offence-grave = тяжкое
genomic-offence-especially-grave = особо тяжкое
genomic-offence-against-woman-or-child = против женщины или ребёнка
genomic-offence-seven-years-or-more = наказание от семи лет лишения свободы
genomic-offence-listed = из перечня закона
genomic-offence-listed-serious = тяжкое из перечня закона
genomic-offence-other = другое
genomic-relationship = Кем приходится пропавшему
genomic-relationship-parent = родитель
genomic-relationship-child = сын или дочь
genomic-relationship-grandparent = дед или бабушка
genomic-relationship-grandchild = внук или внучка
genomic-relationship-full-sibling = родной брат или сестра
genomic-relationship-half-sibling = единокровный или единоутробный брат, сестра
genomic-relationship-cousin = двоюродный брат или сестра
genomic-relationship-second-cousin = троюродный брат или сестра
genomic-relationship-uncle = дядя
genomic-relationship-aunt = тётя
genomic-relationship-nephew = племянник
genomic-relationship-niece = племянница
genomic-relationship-close-relative = близкий родственник
genomic-iin-hint = (известного донора)
genomic-fact-judgment-final = Приговор вступил в силу.
genomic-fact-written-consent = Донор дал письменное согласие.
genomic-fact-investigator-order = Изъято по постановлению следователя.
genomic-more-facts = Ещё о доноре
genomic-marker-profile = Аутосомный профиль
genomic-marker-y = Y-хромосома
genomic-marker-mitochondrial = Митохондриальная ДНК
genomic-marker-snps = Идентификационные SNP
genomic-text = Набрать или вставить
genomic-text-hint-profile = (строка на локус: локус,аллель,аллель)
genomic-text-hint-y = (строка на локус: локус,аллель)
genomic-text-hint-mitochondrial = (участок: отличия от эталонной последовательности)
genomic-text-hint-snps = (строка на SNP: номер,основание,основание)
genomic-or-file = или из файла (CSV, JSON)
genomic-register-button = Зарегистрировать
genomic-register-recorded = И регистрация, и отказ записываются в журнал.
genomic-search-title = Поиск по образцу
genomic-search-lead = Сначала проверяются основания. В ответе сказано, сколько профилей сравнили и сколько совпадений ждать случайно.
genomic-by = Искать по
genomic-by-rule = у кого такой профиль, в группах, которые открывает закон
genomic-by-lineage = маркеры Y, митохондриальные и SNP — среди пропавших, их родственников и погибших
genomic-search-button = Искать
genomic-answer-title = Ответ
genomic-no-hit = Среди профилей, которые можно было сравнить, совпадений нет.
genomic-hit-count =
    { $n ->
        [one] { $n } совпадение
        [few] { $n } совпадения
       *[other] { $n } совпадений
    }
genomic-compared = Сравнено
genomic-not-comparable = Слишком мало общего для сравнения
genomic-agreeing = Совпадают
genomic-by-chance = Ожидается случайных совпадений
genomic-chance-at-most = Случайно, не более
genomic-unrelated-leads = Ожидается посторонних людей среди найденных
genomic-chance-none = нисколько: сравнивать было не с чем
genomic-chance-some = около { $text }
genomic-chance-rare = одно примерно на { $text } таких поисков
genomic-chance-never = меньше одного на { $text } таких поисков
genomic-frequencies = Частоты аллелей
genomic-population-the-searched-profiles-themselves = самих сравниваемых профилей, так как нет таблицы со всеми локусами: в малом реестре тогда любое совпадение выглядит случайным
genomic-lineage-shared = Эти маркеры общие у родственников. Само по себе такое совпадение никого не устанавливает.
genomic-hits-are-no-names = Совпадение — ещё не имя. Каждое смотрят два эксперта, не вносившие эти образцы; подтверждено только то, в чём сошлись оба.
genomic-others-examine = смотрят другие
genomic-hit-compared =
    { $n ->
        [one] сравнён { $n } локус
        [few] сравнено { $n } локуса
       *[other] сравнено { $n } локусов
    }
genomic-hit-differing =
    { $n ->
        [one] отличается { $n }
       *[other] отличаются { $n }
    }
genomic-relatives-title = Запросить поиск родственников
genomic-relatives-lead = Пока ничего не ищут. Сначала вы видите, сколько посторонних людей покажет поиск; другой сотрудник разрешает его, видя это число.
genomic-no-table = В реестре нет таблицы частот аллелей. Сначала её вносит администратор.
genomic-question = Что взвешивается
genomic-relation = Родство
genomic-relation-same = тот же человек
genomic-relation-parent-child = родитель и ребёнок
genomic-relation-full-siblings = родные братья и сёстры
genomic-relation-half-siblings = единокровные или единоутробные
genomic-relation-grandparent = дед или бабушка и внуки
genomic-relation-avuncular = дядя или тётя и племянники
genomic-relation-first-cousins = двоюродные братья и сёстры
genomic-relation-second-cousins = троюродные братья и сёстры
genomic-theta = тета
genomic-theta-hint = (общее происхождение в популяции, например 0,01)
genomic-mutation = Частота мутаций
genomic-mutation-hint = (пусто: мутаций нет)
genomic-no-mutation = мутаций нет
genomic-query-is = Поколение этого образца
genomic-query-is-hint = (только при мутациях)
genomic-older = старшее
genomic-younger = младшее
genomic-least = Наименьшее отношение правдоподобия, log10
genomic-least-hint = (3 — это тысяча)
genomic-min-loci = Наименьшее число общих локусов
genomic-most = Найденных не более
genomic-most-hint = (от 1 до 100)
genomic-relatives-button = Запросить
genomic-relatives-nothing-yet = Запрос записывается в журнал.
genomic-request-title = Поиск родственников
genomic-before = До всякого поиска
genomic-share-found = Из настоящих родственников найдёт
genomic-profiles = Профилей с достаточным числом локусов
genomic-before-hint = Верхняя граница числа посторонних среди найденных и нижняя граница доли найденных родственников.
genomic-asked-at = Запрошено
genomic-request-asked = ждёт санкции
genomic-request-sanctioned = разрешён
genomic-decide = Разрешить или отказать
genomic-your-decision = Ваше решение
genomic-sanction = Разрешаю, с этим числом посторонних.
genomic-refuse = Отказываю.
genomic-reason = Почему
genomic-decide-button = Решить
genomic-sanction-waits = Разрешает или отказывает другой сотрудник, другой человек. Тогда поиск появится на вашем столе.
genomic-sanctioned-already = Разрешён. Эксперт может провести его один раз, в течение недели.
genomic-make-lead = Проводится один раз. Закон спрашивают снова, и число считают снова.
genomic-make = Искать сейчас
genomic-hit-title = Совпадение
genomic-searched-with = Искали по
genomic-was-found = Нашли
genomic-looked-for = Что искали
genomic-looks-for-same-source = одного человека
genomic-looks-for-kinship = родственников
genomic-looks-for-quality = загрязнение
genomic-markers = Маркер за маркером
genomic-markers-hint = Как совпадают оба, без аллелей. Исходные данные — в лаборатории.
genomic-marker = Маркер
genomic-agreement = Совпадение
genomic-system-y = Y-хромосома
genomic-system-mitochondrial = митохондриальная ДНК
genomic-system-snp = SNP
genomic-agree-high = те же аллели
genomic-agree-moderate = все аллели одного есть в другом
genomic-agree-low = один общий аллель
genomic-agree-none = общих аллелей нет
genomic-agree-all = различий нет
genomic-differ =
    { $n ->
        [one] { $n } различие
        [few] { $n } различия
       *[other] { $n } различий
    }
genomic-differ-many = различий много
genomic-finding = Вывод
genomic-findings = Выводы
genomic-your-finding = Ваш вывод
genomic-finding-lead = Верно ли совпадение в том, что искали?
genomic-verdict-same = верно
genomic-verdict-different = неверно
genomic-verdict-inconclusive = сказать нельзя
genomic-rests-on = На чём основано
genomic-finding-button = Сделать вывод
genomic-finding-blind = До решения его никто не видит.
genomic-found-already = Ваш вывод сделан. Выводы других будут видны после решения.
genomic-examiner = Эксперт
genomic-examiner-n = Эксперт { $n }
genomic-propose-title = Предложить опознание
genomic-propose-lead = Вы предлагаете считать тело пропавшим человеком. Этим ничто не соединяется: решают два других эксперта.
genomic-propose-case = В каком деле
genomic-propose-hit = Опознание по совпадению предлагают на странице этого совпадения, когда оно подтверждено.
genomic-propose-button = Предложить
genomic-body-side = Тело
genomic-missing-side = Сторона пропавшего
genomic-side-hint = (номер образца; образцы этого дела предлагаются)
genomic-reconciliation-title = Опознание тела
genomic-withdrawal-title = Отмена опознания
genomic-takes-back = Отменяет
genomic-proposed-at = Предложено
genomic-judge-proposal = Тело — это тот пропавший человек?
genomic-judge-withdrawal = Нужно ли отменить опознание?
genomic-see-both = Увидеть обе стороны
genomic-see-both-lead = Метки и дела тела и пропавшего — для цели и на основании, которые открывают обе стороны.
genomic-see-both-button = Показать
genomic-identity-title = Опознание
genomic-identity-lead = Два эксперта пришли к выводу, что это одно лицо.
genomic-withdraw = Отменить
genomic-withdraw-lead = Отмену предлагают и решают так же, как опознание, — два других эксперта. Ничто при этом не удаляется.
genomic-withdraw-button = Предложить отмену
genomic-contamination-title = След загрязнён?
genomic-kind-elimination = След совпал с профилем лаборатории.
genomic-kind-batch = След совпал со следом другого дела, который обрабатывали в той же партии.
genomic-stain = След
genomic-agrees-with = Совпал с
genomic-is-contaminated = Что это?
genomic-contaminated = Загрязнён: остаётся заблокированным, его совпадения недействительны.
genomic-both-blocked = Блокируются оба следа: какой попал в какой, неизвестно.
genomic-cleared = Не загрязнён: отныне по нему ищут и его находят.
done-genomic-registered = Образец зарегистрирован, это записано в журнал.
done-genomic-held = Образец зарегистрирован и задержан: возможно загрязнение. Решает менеджер по качеству; до тех пор по нему не ищут.
done-genomic-asked = Запрошено. Другой сотрудник решит, видя число ниже.
done-genomic-sanctioned = Разрешено. Эксперт может провести поиск один раз, в течение недели.
done-genomic-refused = Отказано. Ничего не ищут.
done-genomic-found = Ваш вывод записан.
done-genomic-proposed = Предложено. Решают двое других.
